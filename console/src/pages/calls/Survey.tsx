import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { Facts } from '../../widgets/Facts';
import { Empty, Failure, Loading } from '../../widgets/Page';

/** What the caller answered after the call, and the comments spoken. */
export function Survey({ call }: { call: string }) {
  const { t } = useTranslation();
  const survey = useQuery({
    queryKey: ['call', call, 'survey'],
    queryFn: () => ask(api.GET('/api/v1/calls/{id}/survey', { params: { path: { id: call } } })),
  });
  if (survey.isPending) return <Loading />;
  if (survey.isLoadingError) return <Failure error={survey.error} />;
  const { answers, comments } = survey.data;
  if (answers.length === 0 && comments.length === 0) {
    return (
      <div className="card">
        <Empty icon="message">{t('survey.none')}</Empty>
      </div>
    );
  }
  return (
    <Stack>
      {answers.length > 0 ? <Facts data-survey="answers" entries={answers.map((one) => [one.question, one.answer])} /> : null}
      {comments.map((comment) => (
        <audio key={comment.id} controls preload="none" src={`/api/v1/work-items/${encodeURIComponent(comment.id)}/audio`} aria-label={t('work.kinds.survey')} style={{ width: '100%' }} />
      ))}
    </Stack>
  );
}
