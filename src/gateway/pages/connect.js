// Shows what a QR code of the messenger carries: where to connect, as whom, and the app password. All of it is in the
// address behind the `#`, which no browser sends anywhere, and is shown as text only.
'use strict';

const WORDS = {
  en: {
    title: 'Connect your Matrix app',
    lead: 'Type this into Element, FluffyChat or another Matrix app on this device.',
    server: 'Homeserver',
    plain: 'Homeserver without encryption',
    plainNote: 'For apps that refuse the certificate. In the local network only.',
    user: 'User name',
    password: 'App password',
    passwordNote: 'For one device. It is shown this once: keep this page open until the app is signed in.',
    copy: 'Copy',
    copied: (what) => `Copied: ${what}`,
    selected: (what) => `Selected: ${what}. Copy it with your device's menu.`,
    certificate: 'Certificate',
    certificateWhy: 'The messenger has made its certificate itself. Install its certificate authority on this device, so that apps trust it.',
    certificateGet: 'Download the certificate authority',
    certificateCheck: 'Compare its fingerprint with the one that the operator of the hub tells you.',
    elementCertificate: 'Install the certificate authority (see above).',
    elementServer: 'Sign in › Edit › type in the homeserver, with https:// and the port.',
    typeIn: 'Type in the user name and the app password.',
    elementSkip: 'Skip it when the app wants to set up a recovery key or to verify the device.',
    fluffychatServer: 'Sign in › type in the homeserver, with https://.',
    fluffychatPlain: 'Sign in › type in the homeserver without encryption, with http://. With the certificate authority installed the other one may work, too.',
    nothingTitle: 'Nothing to show',
    nothing: 'This address is not complete. Scan the QR code again, or make a new app password in the messenger\'s settings.',
    foreignTitle: 'Not from this messenger',
    foreign: 'This address names another server than the one this page comes from. Do not sign in there.',
  },
  de: {
    title: 'Matrix-App verbinden',
    lead: 'Geben Sie das in Element, FluffyChat oder einer anderen Matrix-App auf diesem Gerät ein.',
    server: 'Heimserver',
    plain: 'Heimserver ohne Verschlüsselung',
    plainNote: 'Für Apps, die das Zertifikat ablehnen. Nur im lokalen Netz.',
    user: 'Benutzername',
    password: 'App-Passwort',
    passwordNote: 'Für ein Gerät. Es wird nur dieses eine Mal gezeigt: Lassen Sie die Seite offen, bis die App angemeldet ist.',
    copy: 'Kopieren',
    copied: (what) => `Kopiert: ${what}`,
    selected: (what) => `Markiert: ${what}. Kopieren Sie es über das Menü Ihres Geräts.`,
    certificate: 'Zertifikat',
    certificateWhy: 'Der Messenger hat sein Zertifikat selbst gemacht. Installieren Sie seine Zertifizierungsstelle auf diesem Gerät, damit Apps ihm vertrauen.',
    certificateGet: 'Zertifizierungsstelle herunterladen',
    certificateCheck: 'Vergleichen Sie ihren Fingerabdruck mit dem, den der Betreiber des Hubs Ihnen nennt.',
    elementCertificate: 'Die Zertifizierungsstelle installieren (siehe oben).',
    elementServer: 'Anmelden › Bearbeiten › den Heimserver eingeben, mit https:// und dem Port.',
    typeIn: 'Benutzernamen und App-Passwort eingeben.',
    elementSkip: 'Überspringen, wenn die App einen Wiederherstellungsschlüssel einrichten oder das Gerät verifizieren will.',
    fluffychatServer: 'Anmelden › den Heimserver eingeben, mit https://.',
    fluffychatPlain: 'Anmelden › den Heimserver ohne Verschlüsselung eingeben, mit http://. Mit installierter Zertifizierungsstelle geht vielleicht auch der andere.',
    nothingTitle: 'Nichts zu zeigen',
    nothing: 'Diese Adresse ist nicht vollständig. Scannen Sie den QR-Code noch einmal, oder erzeugen Sie in den Einstellungen des Messengers ein neues App-Passwort.',
    foreignTitle: 'Nicht von diesem Messenger',
    foreign: 'Diese Adresse nennt einen anderen Server als den, von dem diese Seite kommt. Melden Sie sich dort nicht an.',
  },
};

const language = navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en';
const words = WORDS[language];
const $ = (id) => document.getElementById(id);
const KEPT = 'connect';

/**
 * What stands behind the `#`. It is taken out of the address, because histories are kept and shared between devices; the
 * tab keeps it, because a phone may load the page again while its user is in the app.
 */
function taken() {
  const given = location.hash.slice(1);
  try {
    if (given) {
      sessionStorage.setItem(KEPT, given);
      history.replaceState(null, '', location.pathname);
    }
    return new URLSearchParams(given || (sessionStorage.getItem(KEPT) ?? ''));
  } catch {
    // Without storage it stays in the address.
    return new URLSearchParams(given);
  }
}

function address(text, protocols) {
  try {
    const url = new URL(text);
    return protocols.includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function say(title, lead) {
  $('title').textContent = title;
  $('lead').textContent = lead;
  document.title = title;
}

async function copy(id) {
  const field = $(id);
  const what = words[id];
  try {
    await navigator.clipboard.writeText(field.textContent);
    $('copied').textContent = words.copied(what);
  } catch {
    // Pages without TLS have no clipboard.
    getSelection().selectAllChildren(field);
    const done = document.execCommand('copy');
    $('copied').textContent = done ? words.copied(what) : words.selected(what);
  }
}

function show(values) {
  const [server, user, password] = ['server', 'user', 'password'].map((name) => values.get(name));
  const url = address(server, ['https:', 'http:']);
  if (!url || !user || !password) {
    say(words.nothingTitle, words.nothing);
    return;
  }
  // Somebody else's address may look like ours.
  if (url.hostname !== location.hostname) {
    say(words.foreignTitle, words.foreign);
    return;
  }
  const plain = address(values.get('plain'), ['http:']);
  const own = values.has('ca');
  say(words.title, words.lead);
  $('server').textContent = server;
  $('plain').textContent = values.get('plain') ?? '';
  $('user').textContent = user;
  $('password').textContent = password;
  $('plain-field').hidden = !plain;
  $('certificate').hidden = !own;
  $('element-certificate').hidden = !own;
  $('fluffychat-plain').hidden = !(own && plain);
  $('fluffychat-server').hidden = own && Boolean(plain);
  $('all').hidden = false;
}

document.documentElement.lang = language;
for (const element of document.querySelectorAll('[data-text]')) {
  element.textContent = words[element.dataset.text];
}
for (const button of document.querySelectorAll('[data-copies]')) {
  const id = button.dataset.copies;
  button.textContent = words.copy;
  button.setAttribute('aria-label', `${words.copy}: ${words[id]}`);
  button.addEventListener('click', () => copy(id));
}
// The code of another device, scanned in the same tab.
addEventListener('hashchange', () => location.hash.length > 1 && location.reload());
show(taken());
