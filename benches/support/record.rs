//! A record as dotstory serves it.

/// A record of usual size with realistic variety: names and suburbs repeat often, numbers and
/// addresses rarely.
pub(crate) fn record(id: u64) -> String {
    let mixed = mix(id);
    let pick = |list: &[&'static str], salt: u64| {
        list[usize::try_from(mix(id ^ salt) % list.len() as u64).expect("the list is short")]
    };
    let (first, last) = (pick(FIRST, 1 << 40), pick(LAST, 1 << 41));
    let (city, street) = (pick(CITIES, 1 << 42), pick(STREETS, 1 << 43));
    let (email_first, email_last) = (first.to_lowercase(), last.to_lowercase());
    format!(
        r#"{{"id":{id},"first_name":"{first}","last_name":"{last}","mobile_phone":"+614{phone:08}","email":"{email_first}.{email_last}{tail}@example.com","points":{points},"allow_sms":true,"allow_email":{email},"city":"{city}","state":"VIC","address":"{number} {street} Street","zip":"{zip}","birth_date":"{year}-{month:02}-{day:02}","store_id":{store},"country":"Australia","address_2":null,"company":null,"title":null,"gender":null,"home_phone":"(03) {phone:08}","work_phone":null,"customer_code":"{code}{tail}","store_code":"{city}","loyalty_code":"{loyalty}","loyalty_name":"Example loyalty","loyalty_card":"99{phone:08}{tail:04}","is_staff":false,"is_retail_customer":true,"is_agent":false,"privacy":false,"shopify_customer_id":"64778{phone:08}","date_created":"20{created}-{month:02}-{day:02}T00:00:00+11:00","date_updated":"2023-{day_month:02}-{day:02}T10:{minute:02}:{second:02}+11:00","attr_favourite_colour":"{colour}","attr_shoe_size":"{size}"}}"#,
        phone = mixed % 100_000_000,
        tail = mixed % 9_999,
        points = (mixed >> 9) % 3_000,
        email = mixed.is_multiple_of(3),
        number = mixed % 300,
        zip = 3000 + mixed % 999,
        year = 1940 + (mixed >> 7) % 65,
        month = (mixed >> 13) % 12 + 1,
        day_month = (mixed >> 29) % 12 + 1,
        day = (mixed >> 17) % 28 + 1,
        store = 100 + mixed % 80,
        code = last.to_uppercase(),
        loyalty = mixed % 12,
        created = 10 + (mixed >> 21) % 14,
        minute = mixed % 60,
        second = (mixed >> 8) % 60,
        colour = pick(COLOURS, 1 << 44),
        size = 36 + mixed % 12,
    )
}

/// splitmix64: pseudo-random numbers that are the same in every run.
pub(crate) fn mix(number: u64) -> u64 {
    let a = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    c ^ (c >> 31)
}

pub(crate) const FIRST: &[&str] = &[
    "Amanda",
    "Olivia",
    "Jack",
    "Charlotte",
    "William",
    "Mia",
    "Noah",
    "Ava",
    "Thomas",
    "Grace",
    "James",
    "Chloe",
    "Lucas",
    "Ruby",
    "Ethan",
    "Sophie",
    "Liam",
    "Emily",
    "Henry",
    "Zoe",
    "Samuel",
    "Hannah",
    "Oscar",
    "Ella",
    "Leo",
    "Isla",
    "Max",
    "Lily",
    "Archie",
    "Matilda",
    "Hugo",
    "Evelyn",
];
pub(crate) const LAST: &[&str] = &[
    "Smith", "Jones", "Williams", "Brown", "Wilson", "Taylor", "Nguyen", "Johnson", "Martin",
    "White", "Anderson", "Walker", "Thompson", "Thomas", "Lee", "Harris", "Ryan", "Robinson",
    "Kelly", "King", "Davis", "Wright", "Evans", "Roberts", "Green", "Hall", "Wood", "Jackson",
    "Clarke", "Patel", "Khan", "Lewis", "Tran", "Singh", "Grover", "Hughes",
];
pub(crate) const CITIES: &[&str] = &[
    "South Melbourne",
    "Doncaster",
    "Geelong",
    "Ballarat",
    "Bendigo",
    "Fitzroy",
    "Richmond",
    "St Kilda",
    "Brunswick",
    "Carlton",
    "Footscray",
    "Preston",
    "Box Hill",
    "Frankston",
    "Sunbury",
    "Werribee",
    "Mildura",
];
pub(crate) const STREETS: &[&str] = &[
    "Cecil",
    "High",
    "Church",
    "Victoria",
    "Station",
    "Park",
    "Albert",
    "George",
    "King",
    "Queen",
    "Railway",
    "Bridge",
    "Chapel",
    "Lygon",
    "Smith",
    "Collins",
    "Bourke",
    "Flinders",
    "Spencer",
    "Elizabeth",
];
pub(crate) const COLOURS: &[&str] =
    &["blue", "black", "red", "green", "white", "navy", "yellow", "pink"];
