/** The console's languages; Brazilian Portuguese unless one was chosen. Each is a chunk of its own. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Messages } from './en';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'console';
    contextSeparator: '|';
    pluralSeparator: '|';
    resources: { console: Messages };
  }
}

export const LANGUAGES = { 'pt-BR': 'Português', en: 'English', es: 'Español' } as const;
export type LanguageTag = keyof typeof LANGUAGES;

const KEPT = 'ramal.language';

const load: Record<LanguageTag, () => Promise<Messages>> = {
  'pt-BR': () => import('./pt-BR').then((loaded) => loaded.ptBR),
  en: () => import('./en').then((loaded) => loaded.en),
  es: () => import('./es').then((loaded) => loaded.es),
};

function chosen(): LanguageTag {
  const kept = localStorage.getItem(KEPT);
  return kept !== null && kept in LANGUAGES ? (kept as LanguageTag) : 'pt-BR';
}

export async function changeLanguage(language: LanguageTag): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'console')) {
    i18next.addResourceBundle(language, 'console', await load[language]());
  }
  await i18next.changeLanguage(language);
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language;
}

export async function startLanguages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    ns: ['console'],
    defaultNS: 'console',
    contextSeparator: '|',
    pluralSeparator: '|',
    interpolation: { escapeValue: false },
    resources: {},
  });
  await changeLanguage(chosen());
  // Every tab speaks the language chosen last.
  addEventListener('storage', (event) => {
    if (event.key === KEPT && event.newValue !== null && event.newValue in LANGUAGES) {
      void changeLanguage(event.newValue as LanguageTag);
    }
  });
}
