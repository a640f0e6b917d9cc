//! What the homeserver is told about this service: its registration as an appservice.

/// A registration. The same text does for Conduit, Tuwunel and Synapse.
#[derive(Clone)]
pub struct Registration {
    /// What it is called on the homeserver; registering the same again on Conduit replaces it.
    pub id: String,
    /// Where the homeserver reaches us: the base of `/_matrix/app/v1/…`.
    pub url: String,
    /// The token we show to the homeserver.
    pub as_token: String,
    /// The token the homeserver shows to us.
    pub hs_token: String,
    /// The local part of our own user.
    pub sender_localpart: String,
    /// The homeserver's name, the part behind the colon.
    pub server_name: String,
}

impl Registration {
    /// The registration as YAML.
    ///
    /// Every user and every alias of the homeserver is ours alone: nobody can make or enter an account there past us.
    /// `rate_limited: false` because one token speaks for everybody. `receive_ephemeral` stands here without its older
    /// twin `de.sorunome.msc2409.push_ephemeral`, which some servers of Conduit's family take for the same field twice.
    pub fn to_yaml(&self) -> String {
        let server = regex_literal(&self.server_name);
        let namespace = |sigil: char| quoted(&format!("{sigil}.*:{server}"));
        let lines = [
            format!("id: {}", quoted(&self.id)),
            format!("url: {}", quoted(&self.url)),
            format!("as_token: {}", quoted(&self.as_token)),
            format!("hs_token: {}", quoted(&self.hs_token)),
            format!("sender_localpart: {}", quoted(&self.sender_localpart)),
            "rate_limited: false".to_owned(),
            "receive_ephemeral: true".to_owned(),
            "namespaces:".to_owned(),
            "  users:".to_owned(),
            "    - exclusive: true".to_owned(),
            format!("      regex: {}", namespace('@')),
            "  aliases:".to_owned(),
            "    - exclusive: true".to_owned(),
            format!("      regex: {}", namespace('#')),
            "  rooms: []".to_owned(),
        ];
        lines.join("\n") + "\n"
    }
}

/// A YAML scalar that is text whatever is in it: single quotes know one escape, the quote itself.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A regular expression for just this text. A server name has letters, digits and `.`, `-`, `:`, `[`, `]`.
fn regex_literal(text: &str) -> String {
    let mut regex = String::with_capacity(text.len() + 4);
    for character in text.chars() {
        if matches!(character, '.' | '[' | ']') {
            regex.push('\\');
        }
        regex.push(character);
    }
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registration_is_what_the_homeservers_read() {
        let registration = Registration {
            id: "messenger".into(),
            url: "http://messenger:8080".into(),
            as_token: "as'1".into(),
            hs_token: "no".into(),
            sender_localpart: "messenger".into(),
            server_name: "hub.local".into(),
        };
        let expected = r"id: 'messenger'
url: 'http://messenger:8080'
as_token: 'as''1'
hs_token: 'no'
sender_localpart: 'messenger'
rate_limited: false
receive_ephemeral: true
namespaces:
  users:
    - exclusive: true
      regex: '@.*:hub\.local'
  aliases:
    - exclusive: true
      regex: '#.*:hub\.local'
  rooms: []
";
        assert_eq!(registration.to_yaml(), expected);
    }

    #[test]
    fn a_server_name_is_matched_as_it_is() {
        assert_eq!(regex_literal("[::1]:8008"), r"\[::1\]:8008");
    }
}
