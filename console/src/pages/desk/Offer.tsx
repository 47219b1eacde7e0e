import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { api, ask } from '../../api/client';
import { useOperator } from '../../api/queries';
import { useMe } from '../../api/session';
import phone from '../../phone/Phone.module.css';
import { startRinging, stopRinging } from '../../phone/ring';
import { usePhone } from '../../phone/softphone';
import { Icon } from '../../widgets/Icon';

/** A call that is offered makes itself heard and seen on whatever page the operator is. */
export function Offer() {
  const { t } = useTranslation();
  const me = useMe();
  const [path] = useLocation();
  const operator = useOperator(me.operator ?? '');
  const { line } = usePhone();
  const ringing = operator?.state === 'ringing' || operator?.state === 'reserved';
  const id = ringing ? operator.call_id : null;
  const call = useQuery({
    queryKey: ['desk', 'call', id],
    queryFn: () => ask(api.GET('/api/v1/calls/{id}', { params: { path: { id: id ?? '' } } })),
    enabled: id !== null,
  }).data;
  // A browser phone rings by itself.
  useRinging(ringing && line === 'off');
  useTitleFlash(ringing ? `${t('desk.ringing')} ${call?.from ?? ''}` : null);
  if (!ringing || path === '/desk' || line !== 'off') return null;
  return (
    <section className={phone.bar} data-ringing data-offer={id ?? ''} aria-label={t('desk.ringing')}>
      <div className={phone.who} role="alert">
        <Text size="xs" className="quiet">
          {t('desk.ringing')} · <span className="foreign">{call?.queue ?? ''}</span>
        </Text>
        <Text fw={640} className="foreign">
          {call ? call.from || t('call.hidden') : '…'}
        </Text>
      </div>
      <Button component={Link} href="/desk" leftSection={<Icon name="headset" />}>
        {t('own.open')}
      </Button>
    </section>
  );
}

function useRinging(wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return undefined;
    startRinging();
    return stopRinging;
  }, [wanted]);
}

/** The tab's title says that a call comes, in turns with its usual one. */
function useTitleFlash(words: string | null): void {
  useEffect(() => {
    if (words === null) return undefined;
    const usual = document.title;
    let on = false;
    const flash = setInterval(() => {
      on = !on;
      document.title = on ? words : usual;
    }, 700);
    return () => {
      clearInterval(flash);
      document.title = usual;
    };
  }, [words]);
}
