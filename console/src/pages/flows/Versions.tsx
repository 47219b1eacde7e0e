import { Button, Menu, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Tag } from '../../widgets/StatePill';
import { tellDone, tellFailed } from '../../widgets/tell';
import { Moment } from '../../widgets/time';
import { fetchSource } from './FlowPage';

interface Version {
  version: string;
  published_at: string;
  published_by: string | null;
  current: boolean;
}

interface Props {
  id: string;
  /** The text of the earlier version on show; null: the draft or the live one. */
  shown: string | null;
  admin: boolean;
  onShow: (text: string | null) => void;
  onRolledBack: () => Promise<void>;
}

/** Look at an earlier version, and make it live again. */
export function Versions({ id, shown, admin, onShow, onRolledBack }: Props) {
  const { t } = useTranslation();
  const versions = useQuery({
    queryKey: ['versions', id],
    queryFn: async () =>
      (await ask(api.GET('/api/v1/flows/{id}/versions', { params: { path: { id } } }))).items as unknown as Version[],
  });
  const open = useMutation({
    mutationFn: (version: string) => fetchSource(id, version).then((found) => found.source),
    onSuccess: onShow,
    onError: (error) => tellFailed(t('failure.other'), error),
  });
  const back = useMutation({
    mutationFn: (version: string) =>
      ask(api.POST('/api/v1/flows/{id}/rollback', { params: { path: { id } }, body: { version } })),
    onSuccess: async () => {
      tellDone(t('flow.rolledBack'));
      await onRolledBack();
    },
    onError: (error) => tellFailed(t('failure.conflict'), error),
  });
  const list = versions.data ?? [];
  const opened = shown === null ? undefined : open.variables;
  return (
    <>
      <Menu width={330} position="bottom-end">
        <Menu.Target>
          <Button variant="default" size="sm" leftSection={<Icon name="history" size={15} />} disabled={list.length === 0}>
            {opened ? t('flow.versionShown', { version: opened.slice(0, 8) }) : t('flow.versions')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={380} style={{ overflowY: 'auto' }}>
          {shown === null ? null : <Menu.Item onClick={() => onShow(null)}>{t('flow.backToDraft')}</Menu.Item>}
          {list.map((one, place) => (
            <Menu.Item key={`${one.version}${place}`} onClick={() => open.mutate(one.version)} rightSection={one.current ? <Tag tone="good">{t('flow.live')}</Tag> : null}>
              <span className="mono">{one.version.slice(0, 8)}</span>
              <Text size="xs" className="quiet foreign">
                <Moment at={one.published_at} /> {one.published_by ?? ''}
              </Text>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {admin && opened && list.some((one) => one.version === opened && !one.current) ? (
        <Button size="sm" color="orange.9" loading={back.isPending} onClick={() => back.mutate(opened)} leftSection={<Icon name="history" size={15} />}>
          {t('flow.rollBack')}
        </Button>
      ) : null}
    </>
  );
}
