//! Who uploaded what, and who may load it (contract R74).

use super::{Store, on_read, on_write};
use crate::types::{PersonId, TenantId, Timestamp};

/// An upload.
#[derive(Debug, Clone)]
pub struct Upload<'a> {
    /// `mxc:` URI.
    pub url: &'a str,
    /// Who.
    pub uploader: &'a PersonId,
    /// File name.
    pub name: Option<&'a str>,
    /// Content type.
    pub mime_type: &'a str,
    /// Bytes.
    pub size: i64,
    /// When.
    pub at: Timestamp,
}

/// What is known of a medium.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct KnownMedium {
    /// File name.
    pub name: Option<String>,
    /// Content type.
    pub mime_type: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
}

/// Of rooms `r` those that a person ($2) in a tenant ($3) sees.
macro_rules! seen_rooms {
    () => {
        "LEFT JOIN room_people p ON p.room_id = r.room_id AND p.person_id = $2 AND p.membership = 'join' \
         WHERE ((r.audience = 'tenant' AND r.tenant_id = $3) OR p.person_id IS NOT NULL) "
    };
}

impl Store {
    /// Notes an upload.
    pub async fn add_upload(&self, upload: Upload<'_>) -> Result<(), sqlx::Error> {
        on_write!(&self.db, pool => sqlx::query(
            "INSERT INTO media (url, uploader, name, mime_type, size, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (url) DO NOTHING"
        )
        .bind(upload.url)
        .bind(upload.uploader.as_str())
        .bind(upload.name)
        .bind(upload.mime_type)
        .bind(upload.size)
        .bind(upload.at.0)
        .execute(pool)
        .await
        .map(|_| ()))
    }

    /// The name and content type of a medium, whoever asks.
    pub async fn media_facts(
        &self,
        url: &str,
    ) -> Result<Option<(Option<String>, Option<String>)>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(
            "SELECT name, mime_type FROM media WHERE url = $1 \
             UNION ALL SELECT file_name, mime_type FROM messages WHERE url = $1 LIMIT 1"
        )
        .bind(url)
        .fetch_optional(pool)
        .await)
    }

    /// What is known of a medium that this person may load: their own upload, one that was posted in a room they see, or
    /// the picture of such a room. `None`: not theirs to load.
    pub async fn visible_media(
        &self,
        url: &str,
        person: &PersonId,
        tenant: &TenantId,
    ) -> Result<Option<KnownMedium>, sqlx::Error> {
        on_read!(&self.db, pool => sqlx::query_as(concat!(
            "SELECT m.file_name AS name, m.mime_type, m.size FROM messages m JOIN rooms r ON r.room_id = m.room_id ",
            seen_rooms!(),
            "AND m.url = $1 \
             UNION ALL SELECT name, mime_type, size FROM media WHERE url = $1 AND uploader = $2 \
             UNION ALL SELECT NULL, NULL, NULL FROM rooms r ",
            seen_rooms!(),
            "AND r.avatar_url = $1 LIMIT 1"
        ))
        .bind(url)
        .bind(person.as_str())
        .bind(tenant.as_str())
        .fetch_optional(pool)
        .await)
    }
}
