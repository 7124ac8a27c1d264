//! Reads `[dailystory]`: the credentials of a brand's callers.

use crate::auth::Credential;
use crate::config::document::{Context, Mistake, Node, Reported, Section, secret, username};

/// Reads the section. Requires at least one credential.
pub(crate) fn read_callers(mut section: Section<'_>) -> Result<Vec<Credential>, Reported> {
    let tokens = section.list("tokens");
    let users = section.list("users");
    if let (Ok([]), Ok([])) = (tokens, users) {
        let mistake = Mistake::expected("at least one of tokens and users", "none");
        section.report(mistake.hint("without a credential, every call for this brand is refused"));
    }
    let context = section.context();
    section.finish();

    let tokens = tokens?.iter().map(|node| read_token(node, context));
    let users = users?.iter().map(|node| read_user(node, context));
    // Collects all results first, so that every mistake is reported.
    let credentials: Vec<_> = tokens.chain(users).collect();
    credentials.into_iter().collect()
}

fn read_token(node: &Node, context: &Context<'_>) -> Result<Credential, Reported> {
    let token = secret::read(node, secret::Rule::Token, context)?;
    register(node, Credential::bearer(&token), context)
}

fn read_user(node: &Node, context: &Context<'_>) -> Result<Credential, Reported> {
    let mut user = Section::from_node(node, context)?;
    let username = user.required("username", username);
    let password = secret::required(&mut user, "password", secret::Rule::Password);
    user.finish();
    register(node, Credential::basic(&username?, &password?), context)
}

/// Registers a caller's credential or the operator's token, unless an equal one is registered. A
/// credential alone selects the brand, so a shared credential would show one brand's customers to
/// another brand's caller. Two equal credentials in one brand are also refused, because they are a
/// mistake: for example, two entries name the same environment variable.
pub(super) fn register(
    node: &Node,
    credential: Credential,
    context: &Context<'_>,
) -> Result<Credential, Reported> {
    let mut known = context.credentials.borrow_mut();
    if let Some((other, _)) = known.iter().find(|(_, known)| *known == credential) {
        let mistake =
            Mistake::expected("a credential that no other caller has", format!("that of {other}"))
                .hint("a caller's credential alone selects the brand");
        return Err(context.report.add(node.place.clone(), mistake));
    }
    known.push((node.place.clone(), credential.clone()));
    Ok(credential)
}
