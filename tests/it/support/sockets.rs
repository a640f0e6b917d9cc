//! Clients of Socket.IO, several in one process: the real `socket.io-client`, in `tests/clients/socket_io.mjs`.

use serde_json::{Value, json};

use super::client::Client;
use super::http::list;
use super::people::Person;

/// Sockets of one or several people, each with a name.
pub struct Sockets {
    pub client: Client,
    url: String,
}

impl Sockets {
    /// None yet; `url` ends with their namespace, if that is not the root.
    pub fn of(url: &str) -> Self {
        Self {
            client: Client::socket_io(),
            url: url.to_owned(),
        }
    }

    /// Begins to connect with this in the handshake.
    pub async fn knock(&mut self, name: &str, auth: Value, options: Value) {
        let fields = json!({"name": name, "url": self.url, "auth": auth, "options": options});
        self.client.run("open", fields).await;
    }

    /// A socket of a person over a WebSocket, which is let in when it hears this.
    pub async fn connect(&mut self, name: &str, person: &Person, is_in: &str) {
        let websocket = json!({"transports": ["websocket"]});
        self.knock(name, json!({"token": person.token}), websocket).await;
        self.see(name, is_in).await;
    }

    /// A command of the client that is about one socket.
    pub async fn run(&mut self, command: &str, name: &str, mut fields: Value) -> Value {
        fields["name"] = json!(name);
        self.client.run(command, fields).await
    }

    pub async fn next(&mut self, name: &str) -> Value {
        self.run("next", name, json!({})).await
    }

    /// What it hears under this name next; other events are passed over.
    pub async fn see(&mut self, name: &str, event: &str) -> Value {
        let last = self.until(name, event).await.pop();
        last.expect("the last one is of this name")["data"].take()
    }

    /// All that it hears up to the next event of this name. A test that wants to show that something is not told lets a
    /// later event come.
    pub async fn until(&mut self, name: &str, event: &str) -> Vec<Value> {
        let mut heard = Vec::new();
        loop {
            heard.push(self.next(name).await);
            if heard.last().is_some_and(|last| last["event"] == event) {
                return heard;
            }
        }
    }

    /// What it heard and was not asked for yet.
    pub async fn left_over(&mut self, name: &str) -> Vec<Value> {
        list(&self.run("heard", name, json!({})).await)
    }

    pub async fn emit(&mut self, name: &str, event: &str, data: Value) {
        self.run("emit", name, json!({"event": event, "args": [data]}))
            .await;
    }

    /// Emits and waits for the acknowledgement.
    pub async fn ask(&mut self, name: &str, event: &str, data: Value) -> Value {
        let fields = json!({"event": event, "args": [data]});
        self.run("ask", name, fields).await["answer"].take()
    }

    pub async fn status(&mut self, name: &str) -> Value {
        self.run("status", name, json!({})).await
    }
}
