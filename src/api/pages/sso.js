// Asks whether a Matrix client may sign in as whoever is signed in at the hub, and sends the browser back to the client
// with a login token. Everything from outside is shown as text only.
'use strict';

const WORDS = {
  en: {
    loading: 'One moment…',
    title: 'Sign in to an app?',
    lead: 'A Matrix app asks to be signed in to the messenger as you. It could then read and write your messages.',
    target: 'You will be sent to',
    page: 'a web page',
    app: 'an app on this device',
    client: 'The request says it comes from',
    address: 'at the address',
    unknown: 'not known',
    person: 'Signed in at the hub as',
    warning: 'Allow this only if you have just started this sign-in yourself.',
    allow: 'Allow',
    cancel: 'Cancel',
    signedOut: 'You are not signed in',
    signedOutMessage: 'Nobody is signed in at the hub in this browser, or the sign-in has expired.',
    openHub: 'Open the hub in this browser.',
    signIn: 'Sign in there.',
    comeBack: 'Come back here and try again.',
    again: 'Try again',
    paste: 'Hub token (development only)',
    use: 'Use this token',
    allowing: 'Signing in…',
    allowed: 'Done. You can go on in the app and close this page.',
    onwards: 'The app did not open? Go on here',
    cancelled: 'Cancelled',
    cancelledMessage: 'The app was not signed in. You can close this page.',
    refused: 'This cannot be opened',
    refusedMessage: 'The app has named no address to go on to, or one that is not allowed. Start the sign-in again in the app.',
    failed: 'That did not work',
    failedMessage: 'The messenger cannot be reached right now. Try again in a moment.',
    tooMany: 'Too many requests. Wait a minute and try again.',
  },
  de: {
    loading: 'Einen Moment…',
    title: 'In einer App anmelden?',
    lead: 'Eine Matrix-App möchte in Ihrem Namen beim Messenger angemeldet werden. Sie kann dann Ihre Nachrichten lesen und schreiben.',
    target: 'Sie werden weitergeleitet an',
    page: 'eine Webseite',
    app: 'eine App auf diesem Gerät',
    client: 'Die Anfrage kommt nach eigener Angabe von',
    address: 'unter der Adresse',
    unknown: 'nicht bekannt',
    person: 'Am Hub angemeldet als',
    warning: 'Erlauben Sie das nur, wenn Sie diese Anmeldung gerade selbst begonnen haben.',
    allow: 'Erlauben',
    cancel: 'Abbrechen',
    signedOut: 'Sie sind nicht angemeldet',
    signedOutMessage: 'In diesem Browser ist niemand am Hub angemeldet, oder die Anmeldung ist abgelaufen.',
    openHub: 'Öffnen Sie den Hub in diesem Browser.',
    signIn: 'Melden Sie sich dort an.',
    comeBack: 'Kommen Sie hierher zurück und versuchen Sie es noch einmal.',
    again: 'Noch einmal versuchen',
    paste: 'Hub-Token (nur in der Entwicklung)',
    use: 'Diesen Token verwenden',
    allowing: 'Die Anmeldung läuft…',
    allowed: 'Fertig. Sie können in der App weitermachen und diese Seite schließen.',
    onwards: 'Die App hat sich nicht geöffnet? Hier geht es weiter',
    cancelled: 'Abgebrochen',
    cancelledMessage: 'Die App wurde nicht angemeldet. Sie können diese Seite schließen.',
    refused: 'Das lässt sich nicht öffnen',
    refusedMessage: 'Die App hat keine Adresse genannt, an der es weitergeht, oder eine, die nicht erlaubt ist. Beginnen Sie die Anmeldung in der App noch einmal.',
    failed: 'Das hat nicht geklappt',
    failedMessage: 'Der Messenger ist gerade nicht erreichbar. Versuchen Sie es gleich noch einmal.',
    tooMany: 'Zu viele Anfragen. Warten Sie eine Minute und versuchen Sie es noch einmal.',
  },
};

const language = navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en';
const words = WORDS[language];
const $ = (id) => document.getElementById(id);

// Where the browser may never be sent, whatever the service answers.
const FORBIDDEN = ['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:'];

const query = new URLSearchParams(location.search);
const target = parsed(query.get('redirectUrl'));
const fromFragment = takeFragment();
let token = null;

function parsed(text) {
  try {
    const url = new URL(text ?? '');
    return FORBIDDEN.includes(url.protocol) ? null : url;
  } catch {
    return null;
  }
}

/** The token of `#token=`, which is taken out of the address and the history. */
function takeFragment() {
  const found = new URLSearchParams(location.hash.slice(1)).get('token');
  if (found) {
    history.replaceState(null, '', location.pathname + location.search);
  }
  return found;
}

/** The token that the hub keeps in this browser; none where storage is switched off. */
function stored() {
  try {
    return localStorage.getItem('hub_token');
  } catch {
    return null;
  }
}

/** Shows one of the sections, or none, under this title, and has it read out. */
function show(section, title, message = '') {
  for (const id of ['ask', 'signed-out']) {
    $(id).hidden = id !== section;
  }
  $('title').textContent = title;
  $('message').textContent = message;
  document.title = title;
  $('title').focus();
}

async function call(method, path, body) {
  const headers = { Authorization: `Bearer ${token}` };
  if (body) {
    headers['Content-Type'] = 'application/json';
  }
  const answer = await fetch(`api/v1${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
    cache: 'no-store',
    credentials: 'omit',
  });
  return { status: answer.status, body: await answer.json() };
}

/** A client's `User-Agent` in words that people know. */
function readable(client) {
  const find = (names) => names.find(([pattern]) => pattern.test(client))?.[1];
  const name = find([
    [/Element/i, 'Element'],
    [/FluffyChat/i, 'FluffyChat'],
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrom(e|ium)\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ]);
  const system = find([
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS X|Macintosh/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return name ? [name, system].filter(Boolean).join(', ') : client.slice(0, 200);
}

function failed(status) {
  if (status === 401) {
    show('signed-out', words.signedOut, words.signedOutMessage);
  } else if (status === 422) {
    show(null, words.refused, words.refusedMessage);
  } else {
    show('signed-out', words.failed, status === 429 ? words.tooMany : words.failedMessage);
  }
  $('signed-out').querySelector('ol').hidden = status !== 401;
}

/** Looks who is signed in and asks them. The browser's own sign-in counts before a token that came with the address. */
async function ask(candidates) {
  if (!target) {
    show(null, words.refused, words.refusedMessage);
    return;
  }
  show(null, words.loading);
  let status = 401;
  for (const candidate of candidates.filter(Boolean)) {
    token = candidate;
    try {
      const me = await call('GET', '/users/me');
      if (me.status === 200) {
        question(me.body);
        return;
      }
      status = me.status;
    } catch {
      status = 0;
    }
  }
  token = null;
  failed(status);
}

function question(person) {
  const isPage = ['http:', 'https:'].includes(target.protocol);
  $('target').textContent = isPage ? target.host : target.protocol.slice(0, -1);
  $('target-kind').textContent = isPage ? words.page : words.app;
  $('client').textContent = readable(query.get('client') ?? '') || words.unknown;
  $('address').textContent = (query.get('address') ?? '').slice(0, 100) || words.unknown;
  $('person').textContent = `${person.display_name} (${person.hub_user_id})`;
  $('account').textContent = person.matrix_user_id;
  $('allow').disabled = false;
  show('ask', words.title);
}

async function allow() {
  $('allow').disabled = true;
  $('message').textContent = words.allowing;
  try {
    const body = { redirect_url: query.get('redirectUrl') };
    const answer = await call('POST', '/users/me/external-client/login-token', body);
    if (answer.status !== 200) {
      failed(answer.status);
      return;
    }
    const onwards = parsed(answer.body.redirect_to);
    if (onwards?.protocol !== target.protocol) {
      failed(422);
      return;
    }
    // An application opens beside this page, which stays.
    if (!['http:', 'https:'].includes(onwards.protocol)) {
      $('continue').href = onwards.href;
      $('onwards').hidden = false;
    }
    show(null, words.title, words.allowed);
    location.replace(answer.body.redirect_to);
  } catch {
    failed(0);
  }
}

document.documentElement.lang = language;
for (const element of document.querySelectorAll('[data-text]')) {
  element.textContent = words[element.dataset.text];
}
$('paste').hidden = document.documentElement.dataset.env !== 'development';
$('allow').addEventListener('click', allow);
$('cancel').addEventListener('click', () => {
  token = null;
  show(null, words.cancelled, words.cancelledMessage);
});
$('again').addEventListener('click', () => ask([stored(), fromFragment]));
$('paste').addEventListener('submit', (event) => {
  event.preventDefault();
  ask([$('token').value.trim()]);
});
// Somebody has signed in in another tab.
addEventListener('storage', (event) => {
  if (event.key === 'hub_token' && !$('signed-out').hidden) {
    ask([stored(), fromFragment]);
  }
});
ask([stored(), fromFragment]);
