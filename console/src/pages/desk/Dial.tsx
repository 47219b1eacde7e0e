import { Button, Group, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { tellDone, tellFailed } from '../../widgets/tell';

/** As the API takes it; what people write between the digits is left out. */
const NUMBER = /^\+?[0-9]{3,15}$/;
const bare = (number: string) => number.replace(/[\s().\-/]/g, '');

function useDial() {
  const { t } = useTranslation();
  return useMutation({
    mutationFn: (number: string) => ask(api.POST('/api/v1/calls', { body: { number: bare(number) } })),
    onSuccess: (_, number) => tellDone(t('dial.rings', { number: bare(number) })),
    onError: (error) => tellFailed(t('failure.conflict'), error),
  });
}

/** Call any number: the own phone rings first, then the number is called under the centre's rules. */
export function Dial() {
  const { t } = useTranslation();
  const [number, setNumber] = useState('');
  const dial = useDial();
  const fits = NUMBER.test(bare(number));

  function submit(event: FormEvent) {
    event.preventDefault();
    if (fits) dial.mutate(number, { onSuccess: () => setNumber('') });
  }

  return (
    <form onSubmit={submit} aria-label={t('dial.title')}>
      <Group gap="xs" wrap="nowrap">
        <TextInput size="sm" w={170} type="tel" aria-label={t('dial.number')} placeholder={t('dial.number')} value={number} maxLength={30} onChange={(event) => setNumber(event.currentTarget.value)} />
        <Button type="submit" size="sm" variant="default" disabled={!fits} loading={dial.isPending} leftSection={<Icon name="phoneOutgoing" size={15} />}>
          {t('dial.call')}
        </Button>
      </Group>
    </form>
  );
}

/** Call this one; nothing where the number is withheld or whoever looks has no phone of his own. */
export function CallNumber({ number }: { number: string }) {
  const { t } = useTranslation();
  const { operator } = useMe();
  const dial = useDial();
  if (!operator || !NUMBER.test(bare(number))) return null;
  return (
    <Button size="compact-sm" variant="light" loading={dial.isPending} leftSection={<Icon name="phoneOutgoing" size={14} />} onClick={() => dial.mutate(number)}>
      {t('dial.callBack')}
    </Button>
  );
}
