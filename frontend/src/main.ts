import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, startLanguage } from './i18n'
import { router } from './router'
import { startTheme } from './ui/theme'
import './styles/base.css'

startTheme()
await startLanguage()
createApp(App).use(createPinia()).use(i18n).use(router).mount('#app')
