import { Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type { Operator } from '../../api/client';
import { useTalk, useTalkActs, type Act, type Talk } from '../../api/talk';
import { usePhone } from '../../phone/softphone';
import { Icon } from '../../widgets/Icon';
import type { IconName } from '../../widgets/icons';
import { Tag } from '../../widgets/StatePill';
import { tellFailed } from '../../widgets/tell';
import { TapeButtons } from './TapeButtons';
import { TransferDialog } from './TransferDialog';

/** What can be done in the talk; the same whether the phone is on the desk or in this browser. */
export function TalkBar({ call, operator }: { call: string; operator: Operator }) {
  const { t } = useTranslation();
  // The phone in this browser holds and mutes by itself, faster than any server.
  const inBrowser = usePhone().call !== null;
  const talking = operator.state === 'talking' || operator.state === 'on_hold';
  const talk = useTalk(call, talking).data;
  const { act, go } = useTalkActs(call, (error) => tellFailed(t('failure.conflict'), error));
  const [choosing, dialog] = useDisclosure(false);
  if (!talking || !talk) return null;
  const busy = act.isPending || go.isPending;
  const others = talk.parties.filter((party) => party.who !== operator.extension);
  const button = (wanted: Act, icon: IconName, word: string, filled = false) => (
    <Button key={wanted} size="sm" variant={filled ? 'filled' : 'default'} loading={busy && act.variables === wanted} disabled={busy} leftSection={<Icon name={icon} size={16} />} onClick={() => act.mutate(wanted)}>
      {word}
    </Button>
  );
  return (
    <Stack gap="xs" mt="md" role="group" aria-label={t('talk.title')} data-talk={talk.phase} data-held={talk.held || undefined}>
      <Group gap="xs">
        {talk.consulting ? (
          <>
            {button('complete', 'transfer', t('talk.complete'), true)}
            {button('toggle', 'refresh', t('talk.toggle'))}
            {button('conference', 'users', t('talk.conference'))}
            {button('cancel', 'arrowLeft', t('talk.cancel'))}
          </>
        ) : talk.transferring_to ? (
          button('take-back', 'arrowLeft', t('talk.takeBack'))
        ) : (
          <>
            {inBrowser ? null : (
              <>
                {talk.held ? button('resume', 'play', t('talk.resume'), true) : button('hold', 'pause', t('talk.hold'))}
                {talk.muted ? button('unmute', 'mic', t('talk.unmute'), true) : button('mute', 'micOff', t('talk.mute'))}
              </>
            )}
            <Button size="sm" variant="default" leftSection={<Icon name="transfer" size={16} />} onClick={dialog.open}>
              {t('talk.transfer')}
            </Button>
            {button('park', 'clock', t('talk.park'))}
          </>
        )}
        <TapeButtons call={call} />
      </Group>
      <Who talk={talk} others={others} />
      <TransferDialog
        opened={choosing}
        own={operator.extension}
        onClose={dialog.close}
        onGo={(how, target) => {
          dialog.close();
          go.mutate({ how, target });
        }}
      />
    </Stack>
  );
}

/** Who else is there, and who hears whom. */
function Who({ talk, others }: { talk: Talk; others: Talk['parties'] }) {
  const { t } = useTranslation();
  return (
    <div role="status">
      {talk.consulting ? (
        <Text size="sm" className="foreign">
          {talk.with_caller ? t('talk.withCaller', { who: talk.consulting }) : t('talk.consulting', { who: talk.consulting })}
        </Text>
      ) : null}
      {talk.transferring_to ? <Text size="sm" className="foreign">{t('talk.going', { to: talk.transferring_to })}</Text> : null}
      {talk.slot ? <Text size="sm">{t('talk.parkedAt', { slot: talk.slot })}</Text> : null}
      <Group gap={6}>
        {others.map((party) => (
          <Tag key={party.channel} tone={party.state === 'talking' ? 'busy' : 'ring'}>
            {t(`talk.party.${party.state}`, { who: party.who })}
          </Tag>
        ))}
      </Group>
    </div>
  );
}
