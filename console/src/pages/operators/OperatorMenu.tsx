import { ActionIcon, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operator } from '../../api/client';
import { useOperatorActs, type WantedState } from '../../api/queries';
import { useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { tellDone, tellFailed } from '../../widgets/tell';
import { EditOperator } from './EditOperator';
import { ListenDialog } from './ListenDialog';
import { RemoveOperator, RotateSecrets } from './PhoneActs';
import { PhoneSetup } from './PhoneSetup';
import { TellDialog } from './TellDialog';

/** What a supervisor or admin can do about one operator. */
export function OperatorMenu({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const { state } = useOperatorActs(operator.extension);
  const [editing, edit] = useDisclosure(false);
  const [asked, setAsked] = useState<'rotate' | 'remove' | 'listen' | 'tell' | 'setup' | null>(null);
  const signedIn = operator.state !== 'signed_out';

  function force(wanted: WantedState) {
    state.mutate(
      { state: wanted, reason: wanted === 'paused' ? 'supervisor' : undefined },
      {
        onSuccess: (now) =>
          tellDone(now.state === wanted ? t('operator.forced', { name: operator.name }) : t('operator.forcedLater', { name: operator.name })),
        onError: (error) => tellFailed(t('failure.conflict'), error),
      },
    );
  }

  return (
    <>
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('operator.acts', { name: operator.name })} loading={state.isPending}>
            <Icon name="dots" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="check" size={16} />} onClick={() => force('available')}>
            {signedIn ? t('operator.makeReady') : t('operator.signIn')}
          </Menu.Item>
          {signedIn ? (
            <>
              <Menu.Item leftSection={<Icon name="pause" size={16} />} onClick={() => force('paused')}>
                {t('operator.pause')}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="door" size={16} />} onClick={() => force('signed_out')}>
                {t('operator.signOut')}
              </Menu.Item>
            </>
          ) : null}
          <Menu.Divider />
          {signedIn ? (
            <>
              <Menu.Item leftSection={<Icon name="headset" size={16} />} onClick={() => setAsked('listen')}>
                {t('floor.listen')}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="message" size={16} />} onClick={() => setAsked('tell')}>
                {t('notice.tell')}
              </Menu.Item>
            </>
          ) : null}
          <Menu.Item leftSection={<Icon name="edit" size={16} />} onClick={edit.open}>
            {t('operator.edit')}
          </Menu.Item>
          {role === 'admin' ? (
            <>
              <Menu.Item leftSection={<Icon name="phone" size={16} />} onClick={() => setAsked('setup')}>
                {t('setup.title')}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="key" size={16} />} onClick={() => setAsked('rotate')}>
                {t('operator.rotate')}
              </Menu.Item>
              <Menu.Item color="red" leftSection={<Icon name="trash" size={16} />} onClick={() => setAsked('remove')}>
                {t('operator.remove')}
              </Menu.Item>
            </>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {editing ? <EditOperator operator={operator} onClose={edit.close} /> : null}
      {asked === 'listen' ? <ListenDialog operator={operator} onClose={() => setAsked(null)} /> : null}
      {asked === 'tell' ? <TellDialog operator={operator} onClose={() => setAsked(null)} /> : null}
      {asked === 'setup' ? <PhoneSetup extension={operator.extension} name={operator.name} onClose={() => setAsked(null)} /> : null}
      {asked === 'rotate' ? <RotateSecrets operator={operator} onClose={() => setAsked(null)} /> : null}
      {asked === 'remove' ? <RemoveOperator operator={operator} onClose={() => setAsked(null)} /> : null}
    </>
  );
}
