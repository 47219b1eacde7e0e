/** Whether the PBX tells the phone to answer by itself: `answer-after=0` of Call-Info, as softphones read it.
 *
 * Only our own PBX can say so: what callers send is not handed on to operators' phones.
 */
export function answersItself(callInfo: string | undefined): boolean {
  return (callInfo ?? '').split(';').some((part) => /^\s*answer-after\s*=\s*0+\s*(,|$)/i.test(part));
}
