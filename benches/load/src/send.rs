//! `load send`: a message through the service against the same message sent to the homeserver itself.

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::{
    http::{Base, Call, Connection, escape},
    people::{Person, provision},
    stats::unix_nanos,
    turns::{Meter, Plan, Side, compare},
};

/// What `load send` needs to know.
#[derive(Args, Debug)]
pub struct SendArgs {
    /// The service, http://host:port
    #[arg(long)]
    service: String,
    /// The homeserver itself, http://host:port
    #[arg(long)]
    homeserver: String,
    /// The appservice's token at the homeserver
    #[arg(long, env = "MATRIX_AS_TOKEN", hide_env_values = true)]
    as_token: String,
    /// Name of the homeserver; people must have Matrix ids of it
    #[arg(long, env = "MATRIX_SERVER_NAME", default_value = "hub.local")]
    server_name: String,
    /// Secret of the hub tokens
    #[arg(long, env = "HUB_SECRET_KEY", hide_env_values = true)]
    secret: String,
    /// Process id of the service
    #[arg(long)]
    service_pid: u32,
    /// Process id of the homeserver, to see its CPU time as well
    #[arg(long)]
    homeserver_pid: Option<u32>,
    /// Tenant of the people
    #[arg(long, default_value_t = 1)]
    tenant: i64,
    /// Numbers of clients to try, with commas between; each client is a person with a room and a connection of his own
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16], value_parser = crate::count_up_to::<256>)]
    clients: Vec<usize>,
    /// Rounds of each side
    #[arg(long, default_value_t = 5, value_parser = crate::count_up_to::<1000>)]
    rounds: usize,
    /// Messages of a round, all clients together
    #[arg(long, default_value_t = 300, value_parser = crate::count_up_to::<1_000_000>)]
    per_round: usize,
}

/// Runs it and answers the JSON report.
pub async fn run(args: &SendArgs) -> Result<Value> {
    let meter = Meter::open(args.service_pid, args.homeserver_pid)?;
    let service = Base::parse(&args.service)?;
    let homeserver = Base::parse(&args.homeserver)?;
    let plan = Plan {
        rounds: args.rounds,
        per_round: args.per_round as u64,
    };
    let most = args.clients.iter().copied().max().unwrap_or(1);
    let people = provision(&service, &args.secret, args.tenant, most).await?;
    for person in &people {
        let belongs = person.matrix_id.ends_with(&format!(":{}", args.server_name));
        ensure!(
            belongs,
            "{} is not of {}: is --server-name right?",
            person.matrix_id,
            args.server_name
        );
    }
    let mut reports = Vec::new();
    for &clients in &args.clients {
        let run = unix_nanos();
        // new rooms each time, so that no count of clients finds older rooms than another
        let rooms = rooms(&service, &people[..clients], run).await?;
        let sides = vec![
            through_service(&service, &people, &rooms),
            direct(&homeserver, &args.as_token, &people, &rooms, run),
        ];
        reports.push(compare(plan, clients, sides, meter).await?);
    }
    Ok(Value::from(reports))
}

/// A group room of his own for each of `people`.
async fn rooms(service: &Base, people: &[Person], run: u64) -> Result<Vec<String>> {
    let mut connection = Connection::new(service);
    let mut rooms = Vec::with_capacity(people.len());
    for (number, person) in people.iter().enumerate() {
        let body = json!({ "name": format!("load {run} {number}"), "topic": "load", "invite_users": [] });
        let room = connection
            .call(Call::post("/api/v1/rooms", &body).bearer(&person.token)?)
            .await?
            .json()?;
        rooms.push(
            room["room_id"]
                .as_str()
                .context("a new room without room_id")?
                .to_owned(),
        );
    }
    Ok(rooms)
}

/// Both sides send this, 68 characters: the length of a usual chat message.
fn text(number: u64) -> String {
    format!("Message {number:09}: the parts for the order are ready at the line.")
}

fn through_service(service: &Base, people: &[Person], rooms: &[String]) -> Side {
    let (people, rooms) = (people.to_vec(), rooms.to_vec());
    let make = move |client: usize, number: u64| {
        let body = json!({ "room_id": rooms[client], "body": text(number), "msg_type": "m.text" });
        Call::post("/api/v1/messages/send", &body).bearer(&people[client].token)
    };
    Side {
        name: "service",
        base: service.clone(),
        make: Box::new(make),
    }
}

fn direct(homeserver: &Base, as_token: &str, people: &[Person], rooms: &[String], run: u64) -> Side {
    let token = as_token.to_owned();
    let targets: Vec<(String, String)> = rooms
        .iter()
        .zip(people)
        .map(|(room, person)| (room.clone(), person.matrix_id.clone()))
        .collect();
    let make = move |client: usize, number: u64| {
        let (room, sender) = &targets[client];
        direct_call(
            room,
            sender,
            &format!("load-{run}-{number}"),
            &token,
            &text(number),
        )
    };
    Side {
        name: "homeserver",
        base: homeserver.clone(),
        make: Box::new(make),
    }
}

/// A send to the homeserver itself, as `sender`, with the appservice's token.
pub fn direct_call(room: &str, sender: &str, transaction: &str, as_token: &str, text: &str) -> Result<Call> {
    let path = format!(
        "/_matrix/client/v3/rooms/{}/send/m.room.message/{transaction}?user_id={}",
        escape(room),
        escape(sender)
    );
    Call::put(path, &json!({ "msgtype": "m.text", "body": text })).bearer(as_token)
}
