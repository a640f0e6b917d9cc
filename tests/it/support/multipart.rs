//! Bodies of `multipart/form-data`.

/// The content type that goes with [`Form::finish`].
pub const CONTENT_TYPE: &str = "multipart/form-data; boundary=between-the-parts";

/// A form on its way.
#[derive(Default)]
pub struct Form {
    body: Vec<u8>,
}

impl Form {
    /// A text field.
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.head(&format!("form-data; name=\"{name}\""), None);
        self.body.extend_from_slice(value.as_bytes());
        self.body.extend_from_slice(b"\r\n");
        self
    }

    /// A file in the field `file`.
    pub fn file(self, name: &str, kind: &str, content: &[u8]) -> Self {
        self.file_in("file", name, kind, content)
    }

    /// A file in a field of any name.
    pub fn file_in(mut self, field: &str, name: &str, kind: &str, content: &[u8]) -> Self {
        self.head(
            &format!("form-data; name=\"{field}\"; filename=\"{name}\""),
            Some(kind),
        );
        self.body.extend_from_slice(content);
        self.body.extend_from_slice(b"\r\n");
        self
    }

    /// The whole body.
    pub fn finish(mut self) -> Vec<u8> {
        self.body.extend_from_slice(b"--between-the-parts--\r\n");
        self.body
    }

    fn head(&mut self, disposition: &str, kind: Option<&str>) {
        let kind = kind
            .map(|kind| format!("Content-Type: {kind}\r\n"))
            .unwrap_or_default();
        let head = format!("--between-the-parts\r\nContent-Disposition: {disposition}\r\n{kind}\r\n");
        self.body.extend_from_slice(head.as_bytes());
    }
}
