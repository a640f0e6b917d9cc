//! The made-up people of a run.

use anyhow::{Context, Result};

use crate::{
    http::{Base, Call, Connection},
    jwt::hub_token,
};

/// A person of the hub, known to the service.
#[derive(Clone, Debug)]
pub struct Person {
    /// His hub token.
    pub token: String,
    /// His Matrix id as the service says it.
    pub matrix_id: String,
}

/// `count` people named `load-0000` and so on, each provisioned by a first access (contract A015). The names are the same in
/// every run, so that runs do not fill the homeserver with accounts.
pub async fn provision(service: &Base, secret: &str, tenant: i64, count: usize) -> Result<Vec<Person>> {
    let mut connection = Connection::new(service);
    let mut people = Vec::with_capacity(count);
    for number in 0..count {
        let token = hub_token(secret, &format!("load-{number:04}"), tenant)?;
        let me = connection
            .call(Call::get("/api/v1/users/me").bearer(&token)?)
            .await?
            .json()?;
        let matrix_id = me["matrix_user_id"]
            .as_str()
            .context("users/me without matrix_user_id")?
            .to_owned();
        people.push(Person { token, matrix_id });
    }
    Ok(people)
}
