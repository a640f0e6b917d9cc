//! `load gateway`: what the way through the gateway adds to a request, and what an open `/sync` costs.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    cpu::{Process, quiet},
    http::{Base, Call, Connection, escape},
    people::{Person, provision},
    stats::{round, table, unix_nanos},
    turns::{Meter, Plan, Side, compare},
};

/// How long the open syncs are held before their memory is read, and how long they ask to wait.
const HOLD_MS: u64 = 120_000;

/// The time between two syncs that are opened.
const APART: Duration = Duration::from_millis(3);

/// What `load gateway` needs to know.
#[derive(Args, Debug)]
pub struct GatewayArgs {
    /// The service, http://host:port
    #[arg(long)]
    service: String,
    /// Its gateway without TLS, http://host:port
    #[arg(long)]
    gateway: String,
    /// The homeserver itself, http://host:port
    #[arg(long)]
    homeserver: String,
    /// Secret of the hub tokens
    #[arg(long, env = "HUB_SECRET_KEY", hide_env_values = true)]
    secret: String,
    /// Process id of the service
    #[arg(long)]
    service_pid: u32,
    /// Tenant of the people
    #[arg(long, default_value_t = 1)]
    tenant: i64,
    /// Open syncs, each of a person of its own
    #[arg(long, default_value_t = 1000, value_parser = crate::count_up_to::<20_000>)]
    syncs: usize,
    /// Numbers of clients to try, with commas between
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16], value_parser = crate::count_up_to::<256>)]
    clients: Vec<usize>,
    /// Rounds of each side
    #[arg(long, default_value_t = 5, value_parser = crate::count_up_to::<1000>)]
    rounds: usize,
    /// Requests of a round, all clients together
    #[arg(long, default_value_t = 300, value_parser = crate::count_up_to::<1_000_000>)]
    per_round: usize,
}

/// A person who is logged in at the gateway.
#[derive(Clone, Debug)]
struct Login {
    person: Person,
    access_token: String,
}

/// Runs it and answers the JSON report.
pub async fn run(args: &GatewayArgs) -> Result<Value> {
    let meter = Meter::open(args.service_pid, None)?;
    let (service, gateway) = (Base::parse(&args.service)?, Base::parse(&args.gateway)?);
    let homeserver = Base::parse(&args.homeserver)?;
    meter
        .service
        .require_files("the service", 2 * args.syncs as u64 + 100)?;
    let most = args.clients.iter().copied().max().unwrap_or(1).max(args.syncs);
    let people = provision(&service, &args.secret, args.tenant, most).await?;
    let logins = log_in(&gateway, &people).await?;
    let plan = Plan {
        rounds: args.rounds,
        per_round: args.per_round as u64,
    };
    let mut reports = Vec::new();
    for &clients in &args.clients {
        let run = unix_nanos();
        println!("\nGET /account/whoami");
        let reading = vec![
            whoami("gateway", &gateway, &logins),
            whoami("homeserver", &homeserver, &logins),
        ];
        reports.push(compare(plan, clients, reading, meter).await?);
        println!("\nPUT /rooms/…/send/m.room.message");
        let rooms = rooms(&gateway, &logins[..clients], run).await?;
        let sending = vec![
            send("gateway", &gateway, &logins, &rooms, run),
            send("homeserver", &homeserver, &logins, &rooms, run + 1),
        ];
        reports.push(compare(plan, clients, sending, meter).await?);
    }
    joined_up(&service, &logins[..args.syncs]).await?;
    let syncs = open_syncs(args, &gateway, &logins[..args.syncs], meter.service).await?;
    Ok(json!({ "added": reports, "syncs": syncs }))
}

/// Logs each person in with their hub token.
async fn log_in(gateway: &Base, people: &[Person]) -> Result<Vec<Login>> {
    let mut connection = Connection::new(gateway);
    let mut logins = Vec::with_capacity(people.len());
    for person in people {
        let body =
            json!({ "type": "m.login.token", "token": person.token, "initial_device_display_name": "load" });
        let answer = connection
            .call(Call::post("/_matrix/client/v3/login", &body))
            .await?
            .json()?;
        let access_token = answer["access_token"]
            .as_str()
            .context("a login without access_token")?
            .to_owned();
        logins.push(Login {
            person: person.clone(),
            access_token,
        });
    }
    Ok(logins)
}

/// Waits until everybody's account is in the tenant's rooms: each join is an event in everybody's sync.
async fn joined_up(service: &Base, logins: &[Login]) -> Result<()> {
    let mut connection = Connection::new(service);
    for login in logins {
        loop {
            let call = Call::get("/api/v1/users/me/external-client").bearer(&login.person.token)?;
            let state = connection.call(call).await?.json()?;
            if state["joining"]["state"] == "done" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
    Ok(())
}

/// A room for each, so that the rooms are equally old on both sides.
async fn rooms(gateway: &Base, logins: &[Login], run: u64) -> Result<Vec<String>> {
    let mut connection = Connection::new(gateway);
    let mut rooms = Vec::with_capacity(logins.len());
    for (number, login) in logins.iter().enumerate() {
        let body = json!({ "name": format!("load {run} {number}") });
        let call = Call::post("/_matrix/client/v3/createRoom", &body).bearer(&login.access_token)?;
        let room = connection.call(call).await?.json()?;
        rooms.push(
            room["room_id"]
                .as_str()
                .context("a new room without room_id")?
                .to_owned(),
        );
    }
    Ok(rooms)
}

fn whoami(name: &'static str, base: &Base, logins: &[Login]) -> Side {
    let logins = logins.to_vec();
    Side {
        name,
        base: base.clone(),
        make: Box::new(move |client, _| {
            Call::get("/_matrix/client/v3/account/whoami").bearer(&logins[client].access_token)
        }),
    }
}

fn send(name: &'static str, base: &Base, logins: &[Login], rooms: &[String], run: u64) -> Side {
    let (logins, rooms) = (logins.to_vec(), rooms.to_vec());
    Side {
        name,
        base: base.clone(),
        make: Box::new(move |client, number| {
            let path = format!(
                "/_matrix/client/v3/rooms/{}/send/m.room.message/load-{run}-{number}",
                escape(&rooms[client])
            );
            let body =
                json!({ "msgtype": "m.text", "body": "The parts for the order are ready at the line." });
            Call::put(path, &body).bearer(&logins[client].access_token)
        }),
    }
}

/// Opens the syncs and reads the service's memory before and while they are open.
async fn open_syncs(args: &GatewayArgs, gateway: &Base, logins: &[Login], service: Process) -> Result<Value> {
    // First each client's first sync, as the long-poll goes on from it.
    let mut connection = Connection::new(gateway);
    let mut positions = Vec::with_capacity(logins.len());
    for login in logins {
        let mut since = None;
        // Until there is nothing more to tell: presence of those who logged in before, too.
        for _ in 0..3 {
            let path = match &since {
                None => "/_matrix/client/v3/sync?timeout=0&set_presence=offline".to_owned(),
                Some(since) => {
                    format!("/_matrix/client/v3/sync?timeout=0&set_presence=offline&since={since}")
                }
            };
            let answer = connection
                .call(Call::get(path).bearer(&login.access_token)?)
                .await?
                .json()?;
            since = Some(
                answer["next_batch"]
                    .as_str()
                    .context("a sync without next_batch")?
                    .to_owned(),
            );
        }
        positions.push(since.unwrap_or_default());
    }
    drop(connection);
    quiet(&[service], Duration::from_secs(20)).await?;
    let before = service.memory()?;
    let mut open = Vec::with_capacity(logins.len());
    for (login, since) in logins.iter().zip(&positions) {
        let mut stream = TcpStream::connect(gateway.authority()).await?;
        let request = format!(
            "GET /_matrix/client/v3/sync?timeout={HOLD_MS}&set_presence=offline&since={since} HTTP/1.1\r\n\
             Host: {}\r\nAuthorization: Bearer {}\r\nUser-Agent: load\r\nAccept: application/json\r\n\r\n",
            gateway.authority(),
            login.access_token
        );
        stream.write_all(request.as_bytes()).await?;
        // One after the other: this is about what waits, not about what it costs to begin a thousand at once.
        tokio::time::sleep(APART).await;
        open.push((stream, login.person.matrix_id.clone()));
    }
    quiet(&[service], Duration::from_secs(5)).await?;
    let during = service.memory()?;
    let mut answered = 0;
    for (stream, _) in &mut open {
        let mut byte = [0];
        let read = tokio::time::timeout(Duration::from_millis(1), stream.read(&mut byte)).await;
        answered += usize::from(read.is_ok());
    }
    ensure!(
        answered * 50 < open.len(),
        "{answered} of {} syncs were answered before their time: something is going on in their rooms",
        open.len()
    );
    let kib = |bytes: u64| round(bytes as f64 / 1024.0 / args.syncs as f64);
    let rss = kib(during.rss.saturating_sub(before.rss));
    let allocated = kib(during.anonymous.saturating_sub(before.anonymous));
    table(
        "Open syncs",
        &["syncs", "KiB/sync", "allocated"],
        &[vec![
            args.syncs.to_string(),
            format!("{rss:.1}"),
            format!("{allocated:.1}"),
        ]],
    );
    Ok(json!({
        "open": args.syncs, "answered_early": answered, "kib_per_sync": rss, "allocated_kib_per_sync": allocated,
    }))
}
