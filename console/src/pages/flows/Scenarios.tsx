import { Button, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { duration } from '../../widgets/time';
import classes from './Flows.module.css';

const YamlEditor = lazy(() => import('./YamlEditor'));

type Result = Schemas['ScenarioResult'];

/** Run the scenarios beside the flow, or what is typed here, against the draft: no phone, no waiting. */
export function Scenarios({ id, text, ready }: { id: string; text: string; ready: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const file = useQuery({
    queryKey: ['scenarios', id],
    queryFn: async () => (await ask(api.GET('/api/v1/flows/{id}/scenarios', { params: { path: { id } } }))).text,
    enabled: open,
  });
  const run = useMutation({
    mutationFn: () =>
      ask(api.POST('/api/v1/flows/{id}/scenarios/run', { params: { path: { id } }, body: { source: text, scenarios: typed } })),
  });
  return (
    <>
      <Button size="sm" variant="default" leftSection={<Icon name="check" size={15} />} disabled={!ready} onClick={() => setOpen(true)}>
        {t('scenario.open')}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} size="xl" title={t('scenario.title', { id })} closeButtonProps={{ 'aria-label': t('do.close') }}>
        <Stack>
          <Text size="sm" className="quiet">
            {t('scenario.hint')}
          </Text>
          {file.isPending ? (
            <Loading />
          ) : (
            <div className={classes.preview}>
              <Suspense fallback={<Loading />}>
                <YamlEditor text={typed ?? file.data ?? ''} against={null} readOnly={false} label={t('scenario.open')} problems={[]} onChange={setTyped} onLine={() => undefined} />
              </Suspense>
            </div>
          )}
          <Button loading={run.isPending} leftSection={<Icon name="play" size={15} />} onClick={() => run.mutate()}>
            {t('scenario.run')}
          </Button>
          {run.error ? <Failure error={run.error} /> : null}
          {run.data ? <Outcome of={run.data} /> : null}
        </Stack>
      </Modal>
    </>
  );
}

function Outcome({ of }: { of: Schemas['ScenarioRunOut'] }) {
  const { t } = useTranslation();
  const failed = of.results.filter((one) => one.failure !== null).length;
  const problems = of.problems as unknown as { line: number; message: string }[];
  return (
    <Stack gap="xs" role="status" data-scenarios={failed === 0 && problems.length === 0 ? 'good' : 'bad'}>
      <Tag tone={failed === 0 && problems.length === 0 ? 'good' : 'bad'}>
        {t('scenario.outcome', { good: of.results.length - failed, all: of.results.length, coverage: of.coverage ?? 0 })}
      </Tag>
      {problems.map((problem, place) => (
        <Text key={place} size="sm" c="var(--bad)" className="foreign">
          {problem.line}: {problem.message}
        </Text>
      ))}
      {of.results.map((one) => (
        <Row key={one.name} result={one} />
      ))}
      {of.untested.length > 0 ? (
        <Text size="sm" className="quiet foreign">
          {t('scenario.untested')}: {of.untested.join(', ')}
        </Text>
      ) : null}
    </Stack>
  );
}

function Row({ result }: { result: Result }) {
  const { failure } = result;
  return (
    <div data-scenario={failure === null ? 'good' : 'bad'}>
      <Text size="sm" className="foreign">
        <Icon name={failure === null ? 'check' : 'x'} size={14} /> {result.name} <span className="quiet figures">{duration(result.took_s)}</span>
      </Text>
      {failure === null ? null : (
        <Text size="sm" c="var(--bad)" className="foreign">
          {failure.line}: {failure.message}
        </Text>
      )}
      {failure === null ? null : <pre className="mono foreign">{failure.way.join('\n')}</pre>}
    </div>
  );
}
