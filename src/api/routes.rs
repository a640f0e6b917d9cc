//! Every route and the right it asks for. The document of the API takes its security and its error answers from here; the
//! tests below try each route with each kind of caller, and fail when a route is missing.

/// What a caller must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Nothing.
    Public,
    /// A person's token.
    User,
    /// A person's token; viewers are refused (contract R16).
    Writer,
    /// An admin's token.
    Admin,
    /// A super admin's token; other admins are refused.
    SuperAdmin,
    /// A service token.
    Service,
    /// A service token or an admin's token.
    ServiceOrAdmin,
    /// A person's token or a ticket, also in the query (contract A021).
    Stream,
    /// A person's token, also as the cookie `hub_token`; or a signed link (contract R12).
    Media,
    /// The homeserver's token.
    Appservice,
}

/// A route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// HTTP method.
    pub method: &'static str,
    /// Path with its parameters in braces.
    pub path: &'static str,
    /// What it asks for.
    pub right: Right,
}

const fn route(method: &'static str, path: &'static str, right: Right) -> Route {
    Route { method, path, right }
}

/// The routes that the document of the API describes.
pub const ROUTES: &[Route] = &[
    route("GET", "/live", Right::Public),
    route("GET", "/ready", Right::Public),
    route("GET", "/metrics", Right::ServiceOrAdmin),
    route("GET", "/admin/websocket/stats", Right::Admin),
    route("GET", "/api/v1/health", Right::Public),
    route("GET", "/api/v1/health/detailed", Right::Public),
    route("GET", "/api/v1/dev/people", Right::Public),
    route("GET", "/api/v1/users/me", Right::User),
    route("GET", "/api/v1/users", Right::User),
    route("GET", "/api/v1/presence", Right::User),
    route("GET", "/api/v1/users/me/external-client", Right::User),
    route("POST", "/api/v1/users/me/external-client", Right::User),
    route("DELETE", "/api/v1/users/me/external-client", Right::User),
    route("GET", "/api/v1/users/me/external-client/sessions", Right::User),
    route(
        "DELETE",
        "/api/v1/users/me/external-client/sessions/{id}",
        Right::User,
    ),
    route(
        "POST",
        "/api/v1/users/me/external-client/login-token",
        Right::User,
    ),
    route("GET", "/api/v1/rooms", Right::User),
    route("POST", "/api/v1/rooms", Right::Writer),
    route("POST", "/api/v1/rooms/dm/{hub_user_id}", Right::Writer),
    route(
        "POST",
        "/api/v1/rooms/entity/{entity_type}/{entity_id}",
        Right::Writer,
    ),
    route(
        "PUT",
        "/api/v1/rooms/entity/{entity_type}/{entity_id}/members/{hub_user_id}",
        Right::Service,
    ),
    route(
        "DELETE",
        "/api/v1/rooms/entity/{entity_type}/{entity_id}/members/{hub_user_id}",
        Right::Service,
    ),
    route("GET", "/api/v1/rooms/{room_id}", Right::User),
    route("PATCH", "/api/v1/rooms/{room_id}", Right::Writer),
    route("GET", "/api/v1/rooms/{room_id}/members", Right::User),
    route("POST", "/api/v1/rooms/{room_id}/members", Right::Writer),
    route(
        "DELETE",
        "/api/v1/rooms/{room_id}/members/{hub_user_id}",
        Right::Writer,
    ),
    route("POST", "/api/v1/rooms/{room_id}/leave", Right::User),
    route("POST", "/api/v1/rooms/{room_id}/read", Right::User),
    route("GET", "/api/v1/rooms/{room_id}/reads", Right::User),
    route("PUT", "/api/v1/rooms/{room_id}/typing", Right::Writer),
    route("POST", "/api/v1/messages/send", Right::Writer),
    route("GET", "/api/v1/messages/history/{room_id}", Right::User),
    route("POST", "/api/v1/messages/upload", Right::Writer),
    route("GET", "/api/v1/messages/search", Right::User),
    route("PATCH", "/api/v1/messages/{event_id}", Right::Writer),
    route("DELETE", "/api/v1/messages/{event_id}", Right::Writer),
    route("POST", "/api/v1/messages/{event_id}/reactions", Right::Writer),
    route(
        "DELETE",
        "/api/v1/messages/{event_id}/reactions/{emoji}",
        Right::Writer,
    ),
    route("GET", "/api/v1/conversations", Right::User),
    route("POST", "/api/v1/conversations", Right::Writer),
    route("GET", "/api/v1/conversations/{conversation_id}", Right::User),
    route("PATCH", "/api/v1/conversations/{conversation_id}", Right::Writer),
    route(
        "GET",
        "/api/v1/conversations/{conversation_id}/participants",
        Right::User,
    ),
    route(
        "POST",
        "/api/v1/conversations/{conversation_id}/participants",
        Right::Writer,
    ),
    route(
        "DELETE",
        "/api/v1/conversations/{conversation_id}/participants/{user_id}",
        Right::Writer,
    ),
    route(
        "POST",
        "/api/v1/conversations/{conversation_id}/leave",
        Right::User,
    ),
    route(
        "POST",
        "/api/v1/conversations/{conversation_id}/read",
        Right::User,
    ),
    route(
        "PUT",
        "/api/v1/conversations/{conversation_id}/typing",
        Right::Writer,
    ),
    route(
        "GET",
        "/api/v1/conversations/{conversation_id}/messages",
        Right::User,
    ),
    route(
        "POST",
        "/api/v1/conversations/{conversation_id}/messages",
        Right::Writer,
    ),
    route("POST", "/api/v1/messages", Right::Writer),
    route("GET", "/api/v1/messages/unread", Right::User),
    route("POST", "/api/v1/uploads", Right::Writer),
    route("GET", "/api/v1/media/{server}/{media_id}", Right::Media),
    route("GET", "/api/v1/media/{server}/{media_id}/thumbnail", Right::Media),
    route("POST", "/api/v1/media/{server}/{media_id}/link", Right::User),
    route("POST", "/api/v1/notifications/send", Right::Service),
    route("GET", "/api/v1/notifications", Right::Service),
    route("GET", "/api/v1/notifications/{id}", Right::Service),
    route("GET", "/api/v1/events/stream", Right::Stream),
    route("GET", "/api/v1/events/poll", Right::Stream),
    route("POST", "/api/v1/events/ticket", Right::User),
    route("GET", "/api/v1/contacts/requests", Right::User),
    route("POST", "/api/v1/contacts/requests", Right::Writer),
    route("GET", "/api/v1/contacts/requests/sent", Right::User),
    route("POST", "/api/v1/contacts/requests/{id}/respond", Right::User),
    route("POST", "/api/v1/contacts/block", Right::User),
    route("DELETE", "/api/v1/contacts/block/{user_id}", Right::User),
    route("GET", "/api/v1/contacts/blocked", Right::User),
    route("GET", "/api/v1/contacts/can-message/{user_id}", Right::User),
    route("GET", "/messaging/conversations", Right::User),
    route("POST", "/messaging/conversations", Right::Writer),
    route("GET", "/messaging/conversations/{conversation_id}", Right::User),
    route(
        "PATCH",
        "/messaging/conversations/{conversation_id}",
        Right::Writer,
    ),
    route(
        "POST",
        "/messaging/conversations/{conversation_id}/leave",
        Right::User,
    ),
    route(
        "GET",
        "/messaging/conversations/{conversation_id}/participants",
        Right::User,
    ),
    route(
        "POST",
        "/messaging/conversations/{conversation_id}/participants",
        Right::Writer,
    ),
    route(
        "DELETE",
        "/messaging/conversations/{conversation_id}/participants/{user_id}",
        Right::Writer,
    ),
    route(
        "GET",
        "/messaging/conversations/{conversation_id}/messages",
        Right::User,
    ),
    route(
        "POST",
        "/messaging/conversations/{conversation_id}/messages",
        Right::Writer,
    ),
    route("PUT", "/messaging/messages/{message_id}", Right::Writer),
    route("DELETE", "/messaging/messages/{message_id}", Right::Writer),
    route("POST", "/messaging/messages/{message_id}/read", Right::User),
    route(
        "POST",
        "/messaging/messages/{message_id}/reactions",
        Right::Writer,
    ),
    route(
        "DELETE",
        "/messaging/messages/{message_id}/reactions/{emoji}",
        Right::Writer,
    ),
    route("POST", "/messaging/block", Right::User),
    route("DELETE", "/messaging/block/{user_id}", Right::User),
    route("GET", "/messaging/search", Right::User),
    route("POST", "/messaging/uploads", Right::Writer),
    route("GET", "/api/v1/admin/overview", Right::Admin),
    route("GET", "/api/v1/admin/websocket/stats", Right::Admin),
    route("GET", "/api/v1/admin/audit", Right::Admin),
    route("GET", "/api/v1/admin/users", Right::Admin),
    route("GET", "/api/v1/admin/users/{hub_user_id}", Right::Admin),
    route("PATCH", "/api/v1/admin/users/{hub_user_id}", Right::Admin),
    route(
        "POST",
        "/api/v1/admin/users/{hub_user_id}/deactivate",
        Right::Admin,
    ),
    route(
        "POST",
        "/api/v1/admin/users/{hub_user_id}/reactivate",
        Right::Admin,
    ),
    route("GET", "/api/v1/admin/rooms", Right::Admin),
    route("GET", "/api/v1/admin/rooms/{room_id}", Right::Admin),
    route("DELETE", "/api/v1/admin/rooms/{room_id}", Right::Admin),
    route("POST", "/api/v1/admin/rooms/{room_id}/restore", Right::Admin),
    route("GET", "/api/v1/admin/notifications", Right::Admin),
    route("GET", "/api/v1/admin/notifications/{id}", Right::Admin),
    route("POST", "/api/v1/admin/notifications/{id}/retry", Right::Admin),
    route("POST", "/api/v1/admin/notifications/{id}/cancel", Right::Admin),
    route("GET", "/api/v1/admin/broadcasts", Right::SuperAdmin),
    route("POST", "/api/v1/admin/broadcasts", Right::SuperAdmin),
    route("GET", "/api/v1/admin/service-tokens", Right::Admin),
    route("POST", "/api/v1/admin/service-tokens", Right::Admin),
    route("DELETE", "/api/v1/admin/service-tokens/{id}", Right::Admin),
    route("GET", "/api/v1/admin/rules", Right::Admin),
    route("POST", "/api/v1/admin/rules", Right::SuperAdmin),
    route("PATCH", "/api/v1/admin/rules/{id}", Right::SuperAdmin),
    route("DELETE", "/api/v1/admin/rules/{id}", Right::SuperAdmin),
    route("POST", "/api/v1/admin/rules/test", Right::Admin),
    route("GET", "/api/v1/admin/webhooks", Right::Admin),
    route("POST", "/api/v1/admin/webhooks", Right::Admin),
    route("GET", "/api/v1/admin/webhooks/{id}", Right::Admin),
    route("PATCH", "/api/v1/admin/webhooks/{id}", Right::Admin),
    route("DELETE", "/api/v1/admin/webhooks/{id}", Right::Admin),
    route("GET", "/api/v1/admin/webhooks/{id}/deliveries", Right::Admin),
    route(
        "POST",
        "/api/v1/admin/webhooks/{id}/deliveries/{delivery_id}/retry",
        Right::Admin,
    ),
    route("POST", "/api/v1/admin/webhooks/{id}/test", Right::Admin),
    route("POST", "/api/v1/admin/webhooks/{id}/replay", Right::Admin),
    route(
        "GET",
        "/api/v1/admin/users/{hub_user_id}/external-client",
        Right::Admin,
    ),
    route(
        "POST",
        "/api/v1/admin/users/{hub_user_id}/external-client",
        Right::Admin,
    ),
    route(
        "DELETE",
        "/api/v1/admin/users/{hub_user_id}/external-client",
        Right::Admin,
    ),
    route(
        "GET",
        "/api/v1/admin/users/{hub_user_id}/external-client/sessions",
        Right::Admin,
    ),
    route(
        "DELETE",
        "/api/v1/admin/users/{hub_user_id}/external-client/sessions/{id}",
        Right::Admin,
    ),
    route("GET", "/api/v1/admin/external-sessions", Right::Admin),
    route("DELETE", "/api/v1/admin/external-sessions/{id}", Right::Admin),
];

/// The base of dialect C's routes in the table and the document, and the one where they are, too (contract C004, R2).
pub const SECOND_BASE: (&str, &str) = ("/messaging", "/api/messaging");

/// Routes beside the document: the second paths of probes, the document itself with its pages, the pages of `frontend/`,
/// and the homeserver's.
pub const OTHER_ROUTES: &[Route] = &[
    route("GET", "/api/v1/live", Right::Public),
    route("GET", "/api/v1/ready", Right::Public),
    route("GET", "/openapi.json", Right::Public),
    route("GET", "/asyncapi.json", Right::Public),
    route("GET", "/docs/", Right::Public),
    route("GET", "/", Right::Public),
    route("GET", "/rooms", Right::Public),
    route("GET", "/rooms/{*rest}", Right::Public),
    route("GET", "/settings", Right::Public),
    route("GET", "/settings/{*rest}", Right::Public),
    route("GET", "/admin", Right::Public),
    route("GET", "/admin/{*rest}", Right::Public),
    route("GET", "/sso", Right::Public),
    route("GET", "/widget", Right::Public),
    route("GET", "/widget.js", Right::Public),
    route("GET", "/favicon.ico", Right::Public),
    route("GET", "/favicon.svg", Right::Public),
    route("GET", "/manifest.webmanifest", Right::Public),
    route("GET", "/assets/{name}", Right::Public),
    route("PUT", "/_matrix/app/v1/transactions/{txn_id}", Right::Appservice),
    route("POST", "/_matrix/app/v1/ping", Right::Appservice),
    route("GET", "/_matrix/app/v1/users/{user_id}", Right::Appservice),
    route("GET", "/_matrix/app/v1/rooms/{alias}", Right::Appservice),
    route("PUT", "/transactions/{txn_id}", Right::Appservice),
];

#[cfg(test)]
mod tests;
