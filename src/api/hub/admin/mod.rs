//! For admins: contract A093, R18, R21 and "Admin API". Admins see their tenant, super admins all. A file per resource;
//! [`list`] is what their lists have in common, [`wire`] the JSON that only admins see.

use utoipa_axum::router::OpenApiRouter;

use super::super::AppState;

mod audit;
mod broadcasts;
pub(super) mod list;
mod notifications;
mod overview;
mod rooms;
mod rules;
pub(super) mod sockets;
mod tokens;
mod users;
mod webhooks;
mod wire;

pub(super) fn router() -> OpenApiRouter<AppState> {
    overview::router()
        .merge(users::router())
        .merge(rooms::router())
        .merge(notifications::router())
        .merge(broadcasts::router())
        .merge(tokens::router())
        .merge(rules::router())
        .merge(webhooks::router())
        .merge(audit::router())
        .merge(sockets::router())
}
