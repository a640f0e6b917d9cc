export default {
  again: 'Nochmal versuchen',
  language: 'Sprache',
  role: { viewer: 'liest mit', user: 'schreibt mit', admin: 'verwaltet' },
  nobody: {
    title: 'Melde dich am Hub an',
    text: 'Der Messenger nutzt deine Anmeldung am Hub. In diesem Browser ist dort gerade niemand angemeldet.',
  },
  ended: {
    title: 'Deine Anmeldung ist abgelaufen',
    text: 'Melde dich am Hub neu an. Was du geschrieben hast, ist noch da.',
  },
  forbidden: {
    title: 'Du kannst den Messenger nicht nutzen',
    text: 'Dein Konto ist dafür nicht freigegeben. Dein Admin kann das ändern.',
  },
  away: {
    title: 'Der Messenger ist nicht erreichbar',
    text: 'Du bist nicht abgemeldet. Es wird von selbst weiter versucht; du kannst auch gleich noch einmal nachsehen.',
  },
  left: {
    title: 'Du bist abgemeldet',
    text: 'Bis bald. So meldest du dich wieder an:',
  },
  leftHere: {
    title: 'Du bist im Messenger abgemeldet',
    text: 'Am Hub bist du in diesem Browser noch angemeldet. Wenn nach dir jemand anderes dieses Gerät benutzt, melde dich auch dort ab.',
    again: 'Wieder in den Messenger',
  },
  steps: {
    open: 'Öffne den Hub in diesem Browser.',
    openTab: 'Öffne den Hub in einem anderen Tab dieses Browsers.',
    signIn: 'Melde dich dort an.',
    back: 'Komm hierher zurück: Der Messenger merkt es von selbst.',
  },
  soon: {
    title: 'Deine Anmeldung endet in wenigen Minuten',
    text: 'Melde dich am Hub neu an, dann geht es hier ohne Pause weiter.',
  },
  expired: {
    title: 'Deine Anmeldung ist abgelaufen.',
    text: 'Was du geschrieben hast, bleibt erhalten. Sobald du am Hub neu angemeldet bist, geht es hier weiter.',
    signIn: 'Neu anmelden',
    how: 'Lass diese Seite einfach offen.',
  },
  demo: {
    title: 'Wer möchtest du sein?',
    text: 'Nur in der Entwicklung: Diese Leute gibt es zum Ausprobieren.',
    other: 'Jemand anderes, mit einem Token',
    token: 'Hub-Token',
    tokenHint: 'Ein JWT, das der Hub ausgestellt hat.',
    use: 'Damit anmelden',
  },
}
