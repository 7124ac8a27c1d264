//! The console: the operator's pages about the brands.
//!
//! `routes` has the route table, and `assets` the style sheet, the script and the icon. `gate`
//! decides whether a request may see a page: by the token, by the cookie (`sessions`), and by its
//! origin. `origin` reads the origin of a request. `headers` adds the headers of each answer.
//! `overview`, `brand_page` and `customer_page` make the pages from the templates in `templates/`,
//! and `walk_view` shows one walk. `events` sends the parts of a page that change. `plot` draws the
//! small plots, and `words` writes numbers and times.

mod assets;
mod brand_page;
mod customer_page;
mod events;
mod gate;
mod headers;
mod origin;
mod overview;
mod plot;
mod routes;
mod sessions;
mod walk_view;
mod words;

pub(crate) use routes::{Console, routes};
