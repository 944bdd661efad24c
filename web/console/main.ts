import { createApp } from 'vue'
import '@shared/styles/tokens.css'
import '@shared/styles/kit.css'
import '@shared/styles/element.css'
import { i18n, lang, useLang } from '@shared/i18n'
import App from './App.vue'
import { router } from './router'
import { connectSession } from './session'
import './theme'

async function start(): Promise<void> {
  await useLang(lang.value)
  connectSession(
    () => void router.push({ name: 'login', query: { next: router.currentRoute.value.fullPath } }),
    () => void router.push({ name: 'login', query: { step: 'password' } }),
  )
  createApp(App).use(i18n).use(router).mount('#app')
}

void start()
