export default {
  again: 'Try again',
  language: 'Language',
  role: { viewer: 'reads along', user: 'takes part', admin: 'is an admin' },
  nobody: {
    title: 'Sign in at the hub',
    text: 'The messenger uses your sign-in at the hub. Nobody is signed in there in this browser at the moment.',
  },
  ended: {
    title: 'Your sign-in has ended',
    text: 'Sign in at the hub again. What you have written is still there.',
  },
  forbidden: {
    title: 'You cannot use the messenger',
    text: 'Your account is not allowed to. Your admin can change that.',
  },
  away: {
    title: 'The messenger cannot be reached',
    text: 'You are not signed out. It keeps trying by itself; you can also look again right away.',
  },
  left: {
    title: 'You are signed out',
    text: 'See you soon. This is how you sign in again:',
  },
  leftHere: {
    title: 'You are signed out of the messenger',
    text: 'At the hub you are still signed in in this browser. If somebody else uses this device after you, sign out there, too.',
    again: 'Back to the messenger',
  },
  steps: {
    open: 'Open the hub in this browser.',
    openTab: 'Open the hub in another tab of this browser.',
    signIn: 'Sign in there.',
    back: 'Come back here: the messenger notices by itself.',
  },
  soon: {
    title: 'Your sign-in ends in a few minutes',
    text: 'Sign in at the hub again and you can go on here without a break.',
  },
  expired: {
    title: 'Your sign-in has ended.',
    text: 'What you have written is kept. As soon as you have signed in at the hub again, you can go on here.',
    signIn: 'Sign in again',
    how: 'Just leave this page open.',
  },
  demo: {
    title: 'Who would you like to be?',
    text: 'In development only: these people are here to try things out.',
    other: 'Somebody else, with a token',
    token: 'Hub token',
    tokenHint: 'A JWT that the hub has issued.',
    use: 'Sign in with it',
  },
}
