//! Lists of admins: a page as JSON, or all rows as CSV (RFC 4180), which is read page by page and written as it is read.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::super::AppState;
use super::super::super::error::{Answer, Problem};
use super::super::super::extract;
use super::super::{Page, json, page};
use crate::error::{Error, Result};

/// Rows that an export reads at once.
const PAGE: i64 = 500;

/// How a list is wanted: `?format=csv` or `json`; without it, as the header `Accept` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A page.
    Json,
    /// All rows.
    Csv,
}

impl FromRequestParts<AppState> for Format {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let named = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "format");
        match named.as_ref().map(|(_, value)| value.as_ref()) {
            Some("csv") => Ok(Self::Csv),
            Some("json") => Ok(Self::Json),
            Some(_) => Err(Error::invalid("format", "must be json or csv").into()),
            None => {
                let accept = parts.headers.get(header::ACCEPT);
                let accept = accept.and_then(|value| value.to_str().ok()).unwrap_or_default();
                Ok(if accept.trim_start().starts_with("text/csv") {
                    Self::Csv
                } else {
                    Self::Json
                })
            }
        }
    }
}

/// A list of rows `T`.
pub struct List<T> {
    /// Names the file that an export is saved as.
    pub name: &'static str,
    /// The columns of an export: fields of the JSON, with dots where they lie deeper.
    pub columns: &'static [&'static str],
    /// The cursor of what comes after a row.
    pub cursor: fn(&T) -> String,
    /// The JSON of a row.
    pub show: fn(&T) -> Result<Box<RawValue>>,
}

impl<T> List<T> {
    /// Answers a request; `read` reads so many rows after a cursor.
    pub async fn answer<R, F>(
        self,
        format: Format,
        cursor: Option<String>,
        limit: Option<i64>,
        read: R,
    ) -> Answer
    where
        R: Fn(Option<String>, i64) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Vec<T>>> + Send + 'static,
        T: Send + 'static,
    {
        match format {
            Format::Json => {
                let limit = extract::limit(limit, 50, 200)?;
                let mut rows = read(cursor, limit + 1).await?;
                let next_cursor = page(&mut rows, limit, self.cursor);
                let items = rows.iter().map(self.show).collect::<Result<Vec<_>>>()?;
                Ok(json(StatusCode::OK, &Page { items, next_cursor })?)
            }
            Format::Csv => self.export(read).await,
        }
    }

    async fn export<R, F>(self, read: R) -> Answer
    where
        R: Fn(Option<String>, i64) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Vec<T>>> + Send + 'static,
        T: Send + 'static,
    {
        let mut head = String::new();
        line(&mut head, self.columns.iter().map(|name| (*name).to_owned()));
        let file = format!("attachment; filename=\"{}.csv\"", self.name);
        // The first page is read before anything is answered, so that what fails at once is answered as what it is.
        let (first, next) = self.part(head, read(None, PAGE).await?)?;
        let rest = stream::try_unfold((Arc::new(self), read, next), |(list, read, next)| async move {
            let Some(cursor) = next else { return Ok(None) };
            let part = async { list.part(String::new(), read(Some(cursor), PAGE).await?) };
            match part.await {
                Ok((bytes, next)) => Ok(Some((bytes, (list, read, next)))),
                Err(error) => {
                    // What has been sent cannot be taken back; a body that breaks off is not taken for a whole one.
                    tracing::warn!(?error, list = list.name, "an export broke off");
                    Err(error)
                }
            }
        });
        let body = futures_util::StreamExt::chain(stream::iter([Ok(first)]), rest);
        let mut response = Response::new(Body::from_stream(body));
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
        );
        headers.insert(
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(file).map_err(|error| Error::Internal(error.into()))?,
        );
        Ok(response)
    }

    /// Some rows as lines, and where the next begin.
    fn part(&self, mut text: String, rows: Vec<T>) -> Result<(Bytes, Option<String>)> {
        let full = rows.len() as i64 == PAGE;
        let next = rows.last().filter(|_| full).map(self.cursor);
        for row in rows {
            let shown = (self.show)(&row)?;
            let row: Value =
                serde_json::from_str(shown.get()).map_err(|error| Error::Internal(error.into()))?;
            line(&mut text, self.columns.iter().map(|column| cell(&row, column)));
        }
        Ok((text.into(), next))
    }
}

/// A value as the JSON of a row.
pub fn shown(value: &impl Serialize) -> Result<Box<RawValue>> {
    serde_json::value::to_raw_value(value).map_err(|error| Error::Internal(error.into()))
}

/// A cursor that is a number.
pub fn number(cursor: Option<&str>) -> Result<Option<i64>> {
    match cursor.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|_| Error::invalid("cursor", "must be a next_cursor of this list")),
    }
}

/// A field of a row as text. A text that a spreadsheet would take for a formula gets an apostrophe in front.
fn cell(row: &Value, column: &str) -> String {
    let value = column
        .split('.')
        .try_fold(row, |value, name| value.get(name))
        .unwrap_or(&Value::Null);
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A line of cells.
fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        if cell.contains(['"', ',', '\r', '\n']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        let row = json!({
            "a": "=1+1", "b": "say \"hi\",\nyou", "c": null, "d": -5, "e": {"f": "@x"}, "g": true, "h": {"i": [1]},
        });
        let mut text = String::new();
        let columns = ["a", "b", "c", "d", "e.f", "g", "h", "z"];
        line(&mut text, columns.iter().map(|column| cell(&row, column)));
        assert_eq!(
            text,
            "'=1+1,\"say \"\"hi\"\",\nyou\",,-5,'@x,true,\"{\"\"i\"\":[1]}\",\r\n"
        );
    }

    #[tokio::test]
    async fn an_export_has_every_row_once() {
        let list = List::<i64> {
            name: "numbers",
            columns: &["n"],
            cursor: i64::to_string,
            show: |n| shown(&json!({ "n": n })),
        };
        let read = |after: Option<String>, limit: i64| async move {
            let from = number(after.as_deref())?.map_or(0, |after| after + 1);
            Ok((from..(from + limit).min(1_234)).collect())
        };
        let answer = list.answer(Format::Csv, None, None, read).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap();
        let lines: Vec<_> = std::str::from_utf8(&body).unwrap().split("\r\n").collect();
        assert_eq!(
            (lines[0], lines[1], lines[1_234], lines[1_235]),
            ("n", "0", "1233", "")
        );
        assert_eq!(lines.len(), 1_236);
    }
}
