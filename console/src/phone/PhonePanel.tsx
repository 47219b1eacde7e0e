import { Button, PasswordInput, Text } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../widgets/Icon';
import { Tag } from '../widgets/StatePill';
import type { Place } from './place';
import classes from './Phone.module.css';
import { checkedToday, ShiftCheck } from './ShiftCheck';
import { connect, forget, keepPassword, keptPassword, usePhone } from './softphone';

/** How JsSIP names a call that failed for want of a microphone. */
const DENIED = 'User Denied Media Access';

/** Set the browser's phone up: its password once per tab, then microphone, speaker and line can be tried. */
export default function PhonePanel({ place, extension }: { place: Place & { place: string }; extension: string }) {
  const { t } = useTranslation();
  const phone = usePhone();
  const [password, setPassword] = useState('');
  const [checking, setChecking] = useState(false);

  useEffect(() => {
    const kept = keptPassword();
    // Leaving the desk for another page keeps the line; whoever signs out, or opens the desk elsewhere, ends it.
    if (kept !== null && phone.line === 'off') void connect({ ...place, extension, password: kept });
  }, [place, extension, phone.line]);

  function submit(event: FormEvent) {
    event.preventDefault();
    keepPassword(password);
    setPassword('');
    void connect({ ...place, extension, password });
  }

  const off = phone.line === 'off' || phone.line === 'refused';
  return (
    <section className={`card ${classes.panel}`} aria-label={t('phone.title')} data-line={phone.line}>
      <div className={classes.title}>
        <Icon name="headset" />
        <div>
          <Text fw={580}>{t('phone.title')}</Text>
          <Text size="sm" className="quiet foreign" role="status">
            {t(`phone.line.${phone.line}`)} {phone.line === 'refused' ? phone.cause : ''}
          </Text>
          {phone.cause === DENIED ? (
            <Text size="sm" c="var(--bad)" role="alert">
              {t('phone.denied')}
            </Text>
          ) : null}
        </div>
      </div>
      {off ? (
        <form onSubmit={submit} style={{ display: 'contents' }}>
          <PasswordInput
            label={t('secret.phone')}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
            required
            withAsterisk={false}
            w={220}
          />
          <Button type="submit">{t('phone.connect')}</Button>
        </form>
      ) : (
        <>
          <Tag tone={phone.line === 'registered' ? 'good' : 'ring'}>{t(`phone.short.${phone.line}`)}</Tag>
          <Button variant="subtle" onClick={forget}>
            {t('phone.disconnect')}
          </Button>
        </>
      )}
      <Button variant="subtle" leftSection={<Icon name={checkedToday() ? 'check' : 'mic'} size={16} />} onClick={() => setChecking(true)}>
        {checkedToday() ? t('check.done') : t('check.title')}
      </Button>
      {checking ? <ShiftCheck relay={place.ice_servers.some(({ urls }) => String(urls).includes('turn'))} onClose={() => setChecking(false)} /> : null}
    </section>
  );
}
