import { ActionIcon, Menu } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { changeLanguage, LANGUAGES, type LanguageTag } from '../i18n';
import { Icon } from '../widgets/Icon';

export function LanguagePicker() {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('shell.language')}>
          <Icon name="language" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(LANGUAGES) as LanguageTag[]).map((tag) => (
          <Menu.Item
            key={tag}
            lang={tag}
            onClick={() => void changeLanguage(tag)}
            rightSection={i18n.language === tag ? <Icon name="check" size={15} /> : null}
          >
            {LANGUAGES[tag]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
