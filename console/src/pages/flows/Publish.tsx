import { Button, Group, Modal, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, Refused } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading } from '../../widgets/Page';
import { tellDone } from '../../widgets/tell';
import classes from './Flows.module.css';
import { fetchSource, type Source } from './FlowPage';

const YamlEditor = lazy(() => import('./YamlEditor'));

interface Props {
  id: string;
  /** The live text that the draft began from. */
  base: string;
  text: string;
  ready: boolean;
  onDone: () => Promise<void>;
}

/** Show what changes, then make it live; if somebody else published meanwhile, the difference is to theirs. */
export function Publish({ id, base, text, ready, onDone }: Props) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<Source | null>(null);
  const look = useMutation({ mutationFn: () => fetchSource(id), onSuccess: setShown });
  const publish = useMutation({
    mutationFn: (version: string | null) =>
      ask(api.POST('/api/v1/flows/{id}/publish', { params: { path: { id } }, body: { source: text, base: version ?? undefined } })),
    onSuccess: async () => {
      setShown(null);
      tellDone(t('flow.published', { id }));
      await onDone();
    },
    // Somebody was quicker: nothing was written over; what is live now is fetched and compared with.
    onError: (error) => {
      if (error instanceof Refused && error.status === 409) look.mutate();
    },
  });
  const against = shown?.source ?? null;
  const overtaken = against !== null && against !== base;
  const late = publish.error instanceof Refused && publish.error.status === 409;
  return (
    <>
      <Button size="sm" leftSection={<Icon name="upload" size={15} />} disabled={!ready} loading={look.isPending} onClick={() => look.mutate()}>
        {t('flow.publish')}
      </Button>
      <Modal
        opened={against !== null}
        onClose={() => setShown(null)}
        size="xl"
        title={t('flow.publishTitle', { id })}
        closeButtonProps={{ 'aria-label': t('do.close') }}
      >
        {overtaken ? (
          <Text c="var(--bad)" fw={560} mb="sm" role="alert">
            {t('flow.overtaken')}
          </Text>
        ) : (
          <Text className="quiet" mb="sm">
            {t('flow.publishHint')}
          </Text>
        )}
        <div className={classes.preview}>
          <Suspense fallback={<Loading />}>
            <YamlEditor text={text} against={against} readOnly label={t('flow.view.diff')} problems={[]} onChange={() => undefined} onLine={() => undefined} />
          </Suspense>
        </div>
        {publish.error && !late ? <Failure error={publish.error} /> : null}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => setShown(null)}>
            {t('do.cancel')}
          </Button>
          <Button loading={publish.isPending} onClick={() => publish.mutate(shown?.version ?? null)} data-autofocus>
            {overtaken ? t('flow.publishOver') : t('flow.publish')}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
