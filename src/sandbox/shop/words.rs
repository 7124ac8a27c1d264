//! The words from which customers are made. The mobile numbers are reserved for fiction.

/// First names, with `M` or `F` as the person's `sex`.
pub(crate) const FIRST_NAMES: [(&str, &str); 24] = [
    ("Olivia", "F"),
    ("Jack", "M"),
    ("Charlotte", "F"),
    ("Noah", "M"),
    ("Amelia", "F"),
    ("Thomas", "M"),
    ("Isla", "F"),
    ("William", "M"),
    ("Mia", "F"),
    ("Leo", "M"),
    ("Grace", "F"),
    ("Henry", "M"),
    ("Ruby", "F"),
    ("Lachlan", "M"),
    ("Zara", "F"),
    ("Hugo", "M"),
    ("Priya", "F"),
    ("Arjun", "M"),
    ("Mei", "F"),
    ("Kai", "M"),
    ("Sienna", "F"),
    ("Angus", "M"),
    ("Layla", "F"),
    ("Mateo", "M"),
];

/// Surnames.
pub(crate) const SURNAMES: [&str; 25] = [
    "Smith",
    "Nguyen",
    "Williams",
    "Brown",
    "Wilson",
    "Taylor",
    "Singh",
    "Martin",
    "Anderson",
    "Kelly",
    "Patel",
    "Thompson",
    "Walker",
    "Papadopoulos",
    "Harris",
    "Chen",
    "Robinson",
    "Murphy",
    "Rossi",
    "Campbell",
    "Kaur",
    "Mitchell",
    "Haddad",
    "Kowalski",
    "Tran",
];

/// Mobile numbers that the Australian regulator (ACMA) reserves for fiction.
pub(crate) const MOBILES: [&str; 30] = [
    "0491570006",
    "0491570156",
    "0491570157",
    "0491570158",
    "0491570159",
    "0491570110",
    "0491570313",
    "0491570737",
    "0491571266",
    "0491571491",
    "0491571804",
    "0491572549",
    "0491572665",
    "0491572983",
    "0491573770",
    "0491573087",
    "0491574118",
    "0491574632",
    "0491575254",
    "0491575789",
    "0491576398",
    "0491576801",
    "0491577426",
    "0491577644",
    "0491578957",
    "0491578148",
    "0491578888",
    "0491579212",
    "0491579760",
    "0491579455",
];

/// American area codes. In each of them the numbers 555-0100 to 555-0199 are reserved for fiction.
pub(crate) const AREA_CODES: [&str; 40] = [
    "201", "202", "203", "205", "206", "207", "208", "209", "210", "212", "213", "214", "215",
    "216", "217", "218", "219", "224", "225", "228", "301", "302", "303", "304", "305", "307",
    "308", "309", "310", "312", "313", "314", "315", "316", "317", "318", "319", "401", "402",
    "404",
];

/// City, state, postcode, and dialling code.
pub(crate) const CITIES: [(&str, &str, &str, &str); 10] = [
    ("South Melbourne", "VIC", "3205", "03"),
    ("Doncaster", "VIC", "3108", "03"),
    ("Geelong", "VIC", "3220", "03"),
    ("Hobart", "TAS", "7000", "03"),
    ("Newtown", "NSW", "2042", "02"),
    ("Parramatta", "NSW", "2150", "02"),
    ("Braddon", "ACT", "2612", "02"),
    ("Fortitude Valley", "QLD", "4006", "07"),
    ("Fremantle", "WA", "6160", "08"),
    ("Darwin", "NT", "0800", "08"),
];

/// Streets.
pub(crate) const STREETS: [&str; 10] = [
    "Cecil St",
    "High St",
    "Station Rd",
    "Wattle Ave",
    "Banksia Ct",
    "Beach Rd",
    "Chapel St",
    "George St",
    "Railway Pde",
    "Acacia Dr",
];

/// Id, code and name of the stores at which customers joined.
pub(crate) const STORES: [(i64, &str, &str); 5] = [
    (4983, "Doncaster", "Doncaster Shoppingtown"),
    (4984, "Chadstone", "Chadstone, the Fashion Capital"),
    (5011, "Bondi", "Bondi Junction"),
    (5027, "Carindale", "Carindale"),
    (9001, "Online", "Online Store"),
];

/// Id, code and name of loyalty types.
pub(crate) const LOYALTIES: [(i64, &str, &str); 3] = [
    (1022, "99", "VIP Gold loyalty"),
    (1023, "50", "VIP Silver loyalty"),
    (1040, "7", "Friends and family"),
];

/// Id and name of the tiers of the rewards program.
pub(crate) const TIERS: [(i64, &str); 3] = [(1, "Cotton"), (2, "Merino"), (3, "Cashmere")];
