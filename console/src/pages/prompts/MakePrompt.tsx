import { Button, FileInput, Modal, SegmentedControl, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { LANGUAGES } from '../../i18n';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { tellDone } from '../../widgets/tell';
import { bareName, type Prompt } from './Prompts';

const WAYS = ['upload', 'speak', 'record'] as const;
type Way = (typeof WAYS)[number];
const MOST_BYTES = 20 * 1024 * 1024;

/** A sound file, the voice, or a phone that is called to be spoken into. */
export function MakePrompt({ replaced, onClose }: { replaced?: Prompt; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [way, setWay] = useState<Way>('upload');
  const [name, setName] = useState(replaced ? bareName(replaced) : '');
  const [language, setLanguage] = useState(replaced?.language ?? i18n.language);
  const [text, setText] = useState(replaced?.text ?? '');
  const [phone, setPhone] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const of = replaced?.client === undefined || replaced.client === 'default' ? undefined : replaced.client;

  const make = useMutation({
    mutationFn: async () => {
      const path = { language, name: name.trim() };
      if (way === 'speak') return ask(api.POST('/api/v1/prompts/{language}/{name}/speak', { params: { path }, body: { text, client: of } }));
      if (way === 'record') return ask(api.POST('/api/v1/prompts/{language}/{name}/record', { params: { path }, body: { phone, text, client: of } }));
      const audio = await base64(file);
      return ask(api.PUT('/api/v1/prompts/{language}/{name}', { params: { path }, body: { audio, text, client: of } }));
    },
    onSuccess: async () => {
      tellDone(way === 'record' ? t('prompt.rings', { phone }) : t('prompt.made', { name }));
      await client.invalidateQueries({ queryKey: ['prompts'] });
      onClose();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    make.mutate();
  }

  const tooBig = file !== null && file.size > MOST_BYTES;
  const ready = name.trim() !== '' && (way === 'upload' ? file !== null && !tooBig : way === 'speak' ? text.trim() !== '' : phone !== '');
  return (
    <Modal opened onClose={onClose} size="lg" title={replaced ? t('prompt.replace', { name }) : t('prompt.new')} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <form onSubmit={submit}>
        <Stack>
          <SegmentedControl withItemsBorders={false} aria-label={t('prompt.how')} value={way} onChange={(value) => setWay(value as Way)} data={WAYS.map((value) => ({ value, label: t(`prompt.way.${value}`) }))} />
          <TextInput label={t('people.name')} description={t('prompt.nameHint')} value={name} readOnly={replaced !== undefined} maxLength={60} pattern="[a-z0-9][a-z0-9\-]*" required withAsterisk={false} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
          <Select label={t('call.language')} data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))} value={language} disabled={replaced !== undefined} allowDeselect={false} onChange={(value) => value && setLanguage(value)} />
          {way === 'upload' ? (
            <FileInput label={t('prompt.file')} description={t('prompt.fileHint')} accept="audio/*,.wav,.flac,.ogg,.opus,.mp3,.aiff" value={file} onChange={setFile} error={tooBig ? t('prompt.tooBig') : undefined} clearable clearButtonProps={{ 'aria-label': t('do.clear') }} leftSection={<Icon name="upload" size={15} />} />
          ) : null}
          {way === 'record' ? <TextInput label={t('prompt.phone')} description={t('prompt.phoneHint')} value={phone} maxLength={16} pattern="\+?[0-9]{2,15}" required withAsterisk={false} onChange={(event) => setPhone(event.currentTarget.value)} /> : null}
          <Textarea label={t('prompt.text')} description={way === 'speak' ? t('prompt.speakHint') : undefined} value={text} maxLength={2000} autosize minRows={2} onChange={(event) => setText(event.currentTarget.value)} />
          {make.error ? <Failure error={make.error} /> : null}
          {make.isPending && way === 'speak' ? (
            <Text size="sm" className="quiet" role="status">
              {t('prompt.speaking')}
            </Text>
          ) : null}
          <Button type="submit" disabled={!ready} loading={make.isPending}>
            {way === 'record' ? t('prompt.call') : t('do.save')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

/** A file as the API takes it. */
async function base64(file: File | null): Promise<string> {
  if (file === null) return '';
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',', 2)[1] ?? '');
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
}
