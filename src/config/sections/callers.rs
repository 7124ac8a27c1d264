//! Who may call for a brand: `[dailystory]`, and that no credential stands for two callers.

use std::cell::RefCell;

use crate::auth::Credential;
use crate::config::document::Node;
use crate::config::document::Rule;
use crate::config::document::secret;
use crate::config::document::username;
use crate::config::document::{Context, Section};
use crate::config::document::{Mistake, Reported};
use crate::config::{Caller, Place};

/// The credentials of all brands that were read so far, and where they stand.
#[derive(Default)]
pub(crate) struct Credentials(RefCell<Vec<(Place, Credential)>>);

/// Reads `[dailystory]`: at least one caller.
pub(crate) fn read_callers(mut section: Section<'_>) -> Result<Vec<Caller>, Reported> {
    let tokens = section.list("tokens");
    let users = section.list("users");
    if let (Ok([]), Ok([])) = (tokens, users) {
        let mistake = Mistake::expected("at least one of tokens and users", "none");
        section.report(mistake.hint("nobody could call for this brand"));
    }
    let context = section.context();
    section.finish();

    let (tokens, users) = (tokens?, users?);
    let callers: Vec<_> = tokens
        .iter()
        .map(|node| read_token(node, context))
        .chain(users.iter().map(|node| read_user(node, context)))
        .collect();
    callers.into_iter().collect()
}

fn read_token(node: &Node, context: &Context<'_>) -> Result<Caller, Reported> {
    let token = secret::read(node, Rule::Token, context)?;
    register(node, Credential::bearer(&token), context)
}

fn read_user(node: &Node, context: &Context<'_>) -> Result<Caller, Reported> {
    let mut user = Section::of(node, context)?;
    let username = user.required("username", username);
    let password = user.secret("password", Rule::Password);
    user.finish();
    register(node, Credential::basic(&username?, &password?), context)
}

/// Admits the credential, unless another caller has the same. Since a brand is known by its credential alone, a shared
/// one could show one brand's customers to another; within one brand it is a slip, such as one variable named twice.
fn register(
    node: &Node,
    credential: Credential,
    context: &Context<'_>,
) -> Result<Caller, Reported> {
    let mut known = context.credentials.0.borrow_mut();
    if let Some((other, _)) = known.iter().find(|(_, known)| *known == credential) {
        let found = format!("the one of {other}");
        let mistake = Mistake::expected("a credential of its own", found)
            .hint("a brand is known by its callers' credentials alone");
        return Err(context.report.add(node.place.clone(), mistake));
    }
    known.push((node.place.clone(), credential.clone()));
    Ok(Caller { key: node.place.key_path().to_owned(), credential })
}
