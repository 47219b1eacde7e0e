import { Button, FileInput, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, send } from '../../api/client';
import { Failure, Loading } from '../../widgets/Page';
import classes from '../../widgets/DataTable.module.css';
import type { Import } from './Imports';

type Role = Import['mapping'][string];
const ROLES: Role[] = ['phone', 'person', 'name', 'area_code', 'region', 'postal_code', 'zone', 'priority', 'segment', 'data', 'ignore'];

/** Send a list, look at how its columns are understood, correct that, then import it. */
export function Upload({ campaign, job: given, onClose }: { campaign: string; job: string | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [job, setJob] = useState(given);
  const look = useMutation({
    mutationFn: (chosen: File) =>
      send<Import>(`/api/v1/campaigns/${encodeURIComponent(campaign)}/contacts?begin=false&name=${encodeURIComponent(chosen.name)}`, chosen),
    onSuccess: (made) => setJob(made.id),
    onSettled: () => client.invalidateQueries({ queryKey: ['imports', campaign] }),
  });
  return (
    <Modal opened onClose={onClose} size="xl" title={t('upload.title')} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Stack>
        {job === null ? (
          <>
            <FileInput label={t('upload.file')} accept=".csv,.txt,.xlsx" value={file} onChange={setFile} data-autofocus />
            {look.error ? <Failure error={look.error} /> : null}
            <Button disabled={file === null} loading={look.isPending} onClick={() => file && look.mutate(file)}>
              {t('upload.look')}
            </Button>
          </>
        ) : (
          <Understood campaign={campaign} job={job} onDone={onClose} />
        )}
      </Stack>
    </Modal>
  );
}

function Understood({ campaign, job, onDone }: { campaign: string; job: string; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const path = { id: campaign, import: job };
  const found = useQuery({
    queryKey: ['imports', campaign, job],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{id}/imports/{import}', { params: { path } })),
    refetchInterval: (query) => (query.state.data?.state === 'preparing' ? 400 : false),
  });
  const [mapping, setMapping] = useState<Record<string, Role>>({});
  const known = found.data;
  useEffect(() => {
    if (known?.state === 'ready') setMapping({ ...known.mapping });
  }, [known?.state]);
  const begin = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/campaigns/{id}/imports/{import}/start', { params: { path }, body: { ...known?.options, mapping } })),
    onSuccess: onDone,
    onSettled: () => client.invalidateQueries({ queryKey: ['imports', campaign] }),
  });
  if (known === undefined || known.state === 'preparing') {
    return found.isError ? <Failure error={found.error} /> : <div role="status"><Loading />{t('upload.reading')}</div>;
  }
  if (known.problem) return <Text c="var(--bad)" className="foreign">{known.problem}</Text>;
  return (
    <>
      <section aria-label={t('upload.mapping')}>
        <Text fw={600} mb={6}>
          {t('upload.mapping')}
        </Text>
        <Group gap="sm" align="flex-end">
          {known.columns.map((column) => (
            <Select
              key={column}
              size="xs"
              w={170}
              label={column}
              allowDeselect={false}
              value={mapping[column] ?? 'data'}
              data={ROLES.map((value) => ({ value, label: t(`upload.roles.${value}`) }))}
              onChange={(role) => setMapping({ ...mapping, [column]: (role ?? 'data') as Role })}
            />
          ))}
        </Group>
      </section>
      {known.notes.map((note) => (
        <Text key={note} size="sm" className="quiet foreign">
          {note}
        </Text>
      ))}
      <Rows job={known} />
      {begin.error ? <Failure error={begin.error} /> : null}
      <Button loading={begin.isPending} onClick={() => begin.mutate()}>
        {t('upload.begin')}
      </Button>
    </>
  );
}

function Rows({ job }: { job: Import }) {
  const { t } = useTranslation();
  return (
    <div className="card scroll-x" tabIndex={0} role="region" aria-label={t('upload.first')}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('upload.line')}</th>
            <th scope="col">{t('campaign.person')}</th>
            <th scope="col">{t('campaign.phones')}</th>
            <th scope="col">{t('upload.problems')}</th>
          </tr>
        </thead>
        <tbody>
          {job.preview.map((row) => (
            <tr key={row.line} data-preview={row.line}>
              <td>{row.line}</td>
              <td className="foreign">{row.name || row.person || '–'}</td>
              <td className="foreign">{row.phones?.join(' / ') || '–'}</td>
              <td className="foreign">{row.problems?.join('; ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
