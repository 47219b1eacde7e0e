import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../widgets/Icon';
import { Page } from '../../widgets/Page';
import { Callbacks } from './Callbacks';
import { Messages } from './Messages';

/** What calls leave to be done: messages to hear, promises to call back. */
export default function Work() {
  const { t } = useTranslation();
  return (
    <Page title={t('work.title')}>
      <Tabs defaultValue="messages" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="messages" leftSection={<Icon name="mic" size={16} />}>
            {t('work.messages')}
          </Tabs.Tab>
          <Tabs.Tab value="callbacks" leftSection={<Icon name="refresh" size={16} />}>
            {t('work.callbacks')}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="messages">
          <Messages />
        </Tabs.Panel>
        <Tabs.Panel value="callbacks">
          <Callbacks />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
