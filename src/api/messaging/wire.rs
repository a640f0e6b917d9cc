//! Stub.
use crate::store;
use crate::types::PersonId;
use serde::Serialize;
use utoipa::ToSchema;
#[derive(Serialize, ToSchema)]
#[schema(as=MessagingMessage, example = json!({"id": "x"}))]
pub struct Message<'a> {
    id: &'a str,
}
impl<'a> From<&'a store::Message> for Message<'a> {
    fn from(m: &'a store::Message) -> Self {
        Self {
            id: m.event_id.as_str(),
        }
    }
}
#[derive(Serialize, ToSchema)]
#[schema(as = MessagingUser)]
pub struct User<'a> {
    id: &'a str,
}
impl<'a> User<'a> {
    pub fn new(id: &'a PersonId, _: &'a str, _: Option<&'a str>, _: Option<&'a str>) -> Self {
        Self { id: id.as_str() }
    }
}
