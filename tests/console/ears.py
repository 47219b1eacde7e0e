"""What a browser says and hears: a tone for a microphone, and the loudness of tones that come in."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from pbx.patience import PATIENCE_S

LOUD_DB, QUIET_DB = -60, -75
"""A tone that is there, and one that is not, as the browser's own analyser measures them."""
PATIENCE_MS = PATIENCE_S * 1000

_SCRIPT = """
(() => {
  const lines = [];
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...given) { super(...given); lines.push(this); }
  };
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext();
    const tone = new OscillatorNode(context, {frequency: HZ});
    const level = new GainNode(context, {gain: 0.3});
    const out = context.createMediaStreamDestination();
    tone.connect(level).connect(out);
    tone.start();
    return out.stream;
  };
  let ear = null;
  window.levelOf = hz => {
    const line = lines.filter(one => one.connectionState === 'connected').at(-1);
    const track = line?.getReceivers()[0]?.track;
    if (!track) return -200;
    if (ear?.track !== track) {
      const context = new AudioContext();
      const analyser = new AnalyserNode(context, {fftSize: 8192, smoothingTimeConstant: 0.5});
      context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      ear = {track, analyser, context};
    }
    const levels = new Float32Array(ear.analyser.frequencyBinCount);
    ear.analyser.getFloatFrequencyData(levels);
    return levels[Math.round(hz * ear.analyser.fftSize / ear.context.sampleRate)];
  };
})();
"""


def speak(context: BrowserContext, hz: int) -> None:
    """From the next page on, the microphone gives this tone."""
    context.add_init_script(_SCRIPT.replace("HZ", str(hz)))


def hears(page: Page, hz: float) -> None:
    """Wait until the browser hears the tone."""
    page.wait_for_function(f"() => window.levelOf({hz}) > {LOUD_DB}", timeout=PATIENCE_MS, polling=100)


def no_longer_hears(page: Page, hz: float) -> None:
    """Wait until the tone is gone."""
    page.wait_for_function(f"() => window.levelOf({hz}) < {QUIET_DB}", timeout=PATIENCE_MS, polling=100)


_EARS = """
(() => {
  const ears = {left: [], right: []};
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode) {
      const as = new GainNode(to.context, {channelCount: 2, channelCountMode: 'explicit'});
      const split = new ChannelSplitterNode(to.context, {numberOfOutputs: 2});
      connect.call(this, as);
      connect.call(as, split);
      Object.values(ears).forEach((taps, side) => {
        const tap = new AnalyserNode(to.context, {fftSize: 4096, smoothingTimeConstant: 0});
        connect.call(split, tap, side);
        taps.push(tap);
      });
    }
    return connect.call(this, to, ...rest);
  };
  window.levelAt = (hz, ear) => Math.max(-200, ...ears[ear].map(tap => {
    const levels = new Float32Array(tap.frequencyBinCount);
    tap.getFloatFrequencyData(levels);
    return levels[Math.round(hz * tap.fftSize / tap.context.sampleRate)];
  }));
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () { window.media = this; return play.call(this); };
})();
"""


def both_ears(page: Page) -> None:
    """From the next page on, what a page plays into which ear is known."""
    page.add_init_script(_EARS)


def speaks(page: Page, hz: float, ear: str) -> None:
    """Wait until the page plays the tone into this ear."""
    page.wait_for_function(f"() => window.levelAt({hz}, '{ear}') > {LOUD_DB}", timeout=PATIENCE_MS)


def no_longer_speaks(page: Page, hz: float, ear: str) -> None:
    """Wait until the page does not play the tone into this ear."""
    page.wait_for_function(f"() => window.levelAt({hz}, '{ear}') < {QUIET_DB}", timeout=PATIENCE_MS)


def media(page: Page, name: str) -> float:
    """What the element that was played last says of itself."""
    return float(page.evaluate(f"window.media.{name}"))
