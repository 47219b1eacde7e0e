import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { leads, useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Empty, Failure, Loading } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { Moment } from '../../widgets/time';
import { Upload } from './Upload';

export type Import = Schemas['ImportOut'];
const TONES = { preparing: 'ring', ready: 'ring', running: 'busy', done: 'good', failed: 'bad', cancelled: 'rest' } as const;

/** Lists that were sent, how far each has come, and what became of each row. */
export function Imports({ id }: { id: string }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const [open, setOpen] = useState<string | 'new' | null>(null);
  const jobs = useQuery({
    queryKey: ['imports', id],
    queryFn: async () => (await ask(api.GET('/api/v1/campaigns/{id}/imports', { params: { path: { id }, query: { limit: 50 } } }))).items,
    refetchInterval: 1_000,
  });
  if (jobs.isPending) return <Loading />;
  if (jobs.data === undefined) return <Failure error={jobs.error} retry={() => void jobs.refetch()} />;
  return (
    <Stack gap="md">
      {leads(role) ? (
        <Group>
          <Button leftSection={<Icon name="upload" size={16} />} onClick={() => setOpen('new')}>
            {t('upload.title')}
          </Button>
        </Group>
      ) : null}
      {jobs.data.length === 0 ? (
        <div className="card">
          <Empty icon="upload">{t('upload.none')}</Empty>
        </div>
      ) : null}
      {jobs.data.map((job) => (
        <Job key={job.id} campaign={id} job={job} onOpen={() => setOpen(job.id)} />
      ))}
      {open ? <Upload campaign={id} job={open === 'new' ? null : open} onClose={() => setOpen(null)} /> : null}
    </Stack>
  );
}

function Job({ campaign, job, onOpen }: { campaign: string; job: Import; onOpen: () => void }) {
  const { t } = useTranslation();
  return (
    <section className="card" style={{ padding: '14px 18px' }} data-import={job.state} aria-label={job.file_name}>
      <Group justify="space-between">
        <Group gap="sm">
          <b className="foreign">{job.file_name}</b>
          <Tag tone={TONES[job.state]}>{t(`upload.states.${job.state}`)}</Tag>
          <Text size="sm" className="quiet foreign">
            <Moment at={job.created_at} /> {job.by}
          </Text>
        </Group>
        {job.state === 'ready' ? (
          <Button size="xs" onClick={onOpen}>
            {t('work.open')}
          </Button>
        ) : null}
      </Group>
      <Progress value={job.progress * 100} my="sm" aria-label={t('upload.progress', { file: job.file_name })} />
      <Text size="sm">{t('upload.counts', { ...job.counts })}</Text>
      {job.problem ? <Text c="var(--bad)" size="sm" className="foreign">{job.problem}</Text> : null}
      {(job.counts.rejected ?? 0) + (job.counts.warned ?? 0) > 0 ? (
        <Button component="a" href={`/api/v1/campaigns/${encodeURIComponent(campaign)}/imports/${encodeURIComponent(job.id)}/report`} download variant="subtle" size="xs" leftSection={<Icon name="download" size={14} />}>
          {t('upload.report')}
        </Button>
      ) : null}
    </section>
  );
}
