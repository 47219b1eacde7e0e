"""ARI's operations by nickname, as Asterisk 22 declares them in its api-docs.

One line each: repository and nickname, method, path, `?` query parameters, `body:` parameter, `->` class of
the reply (`[Class]` is a list). ari-py loads this table from Asterisk at start; here it is written down, so
that connecting is one request and a misspelt operation is found without one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TABLE = """
applications.list GET applications -> [Application]
applications.get GET applications/{applicationName} -> Application
applications.subscribe POST applications/{applicationName}/subscription ?eventSource -> Application
applications.unsubscribe DELETE applications/{applicationName}/subscription ?eventSource -> Application
applications.filter PUT applications/{applicationName}/eventFilter body:filter -> Application
asterisk.getObject GET asterisk/config/dynamic/{configClass}/{objectType}/{id} -> [ConfigTuple]
asterisk.updateObject PUT asterisk/config/dynamic/{configClass}/{objectType}/{id} body:fields -> \
[ConfigTuple]
asterisk.deleteObject DELETE asterisk/config/dynamic/{configClass}/{objectType}/{id}
asterisk.getInfo GET asterisk/info ?only -> AsteriskInfo
asterisk.ping GET asterisk/ping -> AsteriskPing
asterisk.listModules GET asterisk/modules -> [Module]
asterisk.getModule GET asterisk/modules/{moduleName} -> Module
asterisk.loadModule POST asterisk/modules/{moduleName}
asterisk.unloadModule DELETE asterisk/modules/{moduleName}
asterisk.reloadModule PUT asterisk/modules/{moduleName}
asterisk.listLogChannels GET asterisk/logging -> [LogChannel]
asterisk.addLog POST asterisk/logging/{logChannelName} ?configuration
asterisk.deleteLog DELETE asterisk/logging/{logChannelName}
asterisk.rotateLog PUT asterisk/logging/{logChannelName}/rotate
asterisk.getGlobalVar GET asterisk/variable ?variable -> Variable
asterisk.setGlobalVar POST asterisk/variable ?variable,value
bridges.list GET bridges -> [Bridge]
bridges.create POST bridges ?type,bridgeId,name body:variables -> Bridge
bridges.createWithId POST bridges/{bridgeId} ?type,name body:variables -> Bridge
bridges.get GET bridges/{bridgeId} -> Bridge
bridges.destroy DELETE bridges/{bridgeId}
bridges.getBridgeVar GET bridges/{bridgeId}/variable ?variable -> Variable
bridges.setBridgeVar POST bridges/{bridgeId}/variable ?variable,value,report_events
bridges.getBridgeVars GET bridges/{bridgeId}/variables ?variables -> Variables
bridges.setBridgeVars POST bridges/{bridgeId}/variables body:variables
bridges.addChannel POST bridges/{bridgeId}/addChannel ?channel,role,absorbDTMF,mute,\
inhibitConnectedLineUpdates
bridges.removeChannel POST bridges/{bridgeId}/removeChannel ?channel
bridges.setVideoSource POST bridges/{bridgeId}/videoSource/{channelId}
bridges.clearVideoSource DELETE bridges/{bridgeId}/videoSource
bridges.startMoh POST bridges/{bridgeId}/moh ?mohClass
bridges.stopMoh DELETE bridges/{bridgeId}/moh
bridges.play POST bridges/{bridgeId}/play ?media,announcer_format,lang,offsetms,skipms,playbackId -> \
Playback
bridges.playWithId POST bridges/{bridgeId}/play/{playbackId} ?media,announcer_format,lang,offsetms,\
skipms -> Playback
bridges.record POST bridges/{bridgeId}/record ?name,format,recorder_format,maxDurationSeconds,\
maxSilenceSeconds,ifExists,beep,terminateOn -> LiveRecording
channels.list GET channels -> [Channel]
channels.originate POST channels ?endpoint,extension,context,priority,label,app,appArgs,callerId,timeout,\
channelId,otherChannelId,originator,formats body:variables -> Channel
channels.create POST channels/create ?endpoint,app,appArgs,channelId,otherChannelId,originator,formats \
body:variables -> Channel
channels.get GET channels/{channelId} -> Channel
channels.originateWithId POST channels/{channelId} ?endpoint,extension,context,priority,label,app,\
appArgs,callerId,timeout,otherChannelId,originator,formats body:variables -> Channel
channels.hangup DELETE channels/{channelId} ?reason_code,reason
channels.continueInDialplan POST channels/{channelId}/continue ?context,extension,priority,label
channels.move POST channels/{channelId}/move ?app,appArgs
channels.redirect POST channels/{channelId}/redirect ?endpoint
channels.answer POST channels/{channelId}/answer
channels.ring POST channels/{channelId}/ring
channels.ringStop DELETE channels/{channelId}/ring
channels.progress POST channels/{channelId}/progress
channels.sendDTMF POST channels/{channelId}/dtmf ?dtmf,before,between,duration,after
channels.mute POST channels/{channelId}/mute ?direction
channels.unmute DELETE channels/{channelId}/mute ?direction
channels.hold POST channels/{channelId}/hold
channels.unhold DELETE channels/{channelId}/hold
channels.startMoh POST channels/{channelId}/moh ?mohClass
channels.stopMoh DELETE channels/{channelId}/moh
channels.startSilence POST channels/{channelId}/silence
channels.stopSilence DELETE channels/{channelId}/silence
channels.play POST channels/{channelId}/play ?media,lang,offsetms,skipms,playbackId -> Playback
channels.playWithId POST channels/{channelId}/play/{playbackId} ?media,lang,offsetms,skipms -> Playback
channels.record POST channels/{channelId}/record ?name,format,maxDurationSeconds,maxSilenceSeconds,\
ifExists,beep,terminateOn -> LiveRecording
channels.getChannelVar GET channels/{channelId}/variable ?variable -> Variable
channels.setChannelVar POST channels/{channelId}/variable ?variable,value,report_events
channels.getChannelVars GET channels/{channelId}/variables ?variables -> Variables
channels.setChannelVars POST channels/{channelId}/variables body:variables
channels.snoopChannel POST channels/{channelId}/snoop ?spy,whisper,app,appArgs,snoopId -> Channel
channels.snoopChannelWithId POST channels/{channelId}/snoop/{snoopId} ?spy,whisper,app,appArgs -> Channel
channels.dial POST channels/{channelId}/dial ?caller,timeout
channels.rtpstatistics GET channels/{channelId}/rtp_statistics -> RTPstat
channels.externalMedia POST channels/externalMedia ?channelId,app,external_host,encapsulation,transport,\
connection_type,format,direction,data,transport_data body:variables -> Channel
channels.transfer_progress POST channels/{channelId}/transfer_progress ?states
deviceStates.list GET deviceStates -> [DeviceState]
deviceStates.get GET deviceStates/{deviceName} -> DeviceState
deviceStates.update PUT deviceStates/{deviceName} ?deviceState
deviceStates.delete DELETE deviceStates/{deviceName}
endpoints.list GET endpoints -> [Endpoint]
endpoints.sendMessage PUT endpoints/sendMessage ?to,from,body body:variables
endpoints.refer POST endpoints/refer ?to,from,refer_to,to_self body:variables
endpoints.listByTech GET endpoints/{tech} -> [Endpoint]
endpoints.get GET endpoints/{tech}/{resource} -> Endpoint
endpoints.sendMessageToEndpoint PUT endpoints/{tech}/{resource}/sendMessage ?from,body body:variables
endpoints.referToEndpoint POST endpoints/{tech}/{resource}/refer ?from,refer_to,to_self body:variables
events.userEvent POST events/user/{eventName} ?application,source body:variables
events.claimChannel POST events/claim ?channelId,application
mailboxes.list GET mailboxes -> [Mailbox]
mailboxes.get GET mailboxes/{mailboxName} -> Mailbox
mailboxes.update PUT mailboxes/{mailboxName} ?oldMessages,newMessages
mailboxes.delete DELETE mailboxes/{mailboxName}
playbacks.get GET playbacks/{playbackId} -> Playback
playbacks.stop DELETE playbacks/{playbackId}
playbacks.control POST playbacks/{playbackId}/control ?operation
recordings.listStored GET recordings/stored -> [StoredRecording]
recordings.getStored GET recordings/stored/{recordingName} -> StoredRecording
recordings.deleteStored DELETE recordings/stored/{recordingName}
recordings.copyStored POST recordings/stored/{recordingName}/copy ?destinationRecordingName -> \
StoredRecording
recordings.getLive GET recordings/live/{recordingName} -> LiveRecording
recordings.cancel DELETE recordings/live/{recordingName}
recordings.stop POST recordings/live/{recordingName}/stop
recordings.pause POST recordings/live/{recordingName}/pause
recordings.unpause DELETE recordings/live/{recordingName}/pause
recordings.mute POST recordings/live/{recordingName}/mute
recordings.unmute DELETE recordings/live/{recordingName}/mute
sounds.list GET sounds ?lang,format -> [Sound]
sounds.get GET sounds/{soundId} -> Sound
"""


@dataclass(frozen=True, slots=True)
class Call:
    """How one operation is asked over HTTP."""

    name: str
    method: str
    path: str
    path_parameters: tuple[str, ...]
    query: frozenset[str]
    body: str
    kind: str
    is_list: bool


def _parse(line: str) -> Call:
    name, method, path, *rest = line.split()
    reply = rest[rest.index("->") + 1] if "->" in rest else ""
    return Call(
        name=name,
        method=method,
        path=path,
        path_parameters=tuple(re.findall(r"{(\w+)}", path)),
        query=frozenset(p for word in rest if word[0] == "?" for p in word[1:].split(",")),
        body=next((word[5:] for word in rest if word.startswith("body:")), ""),
        kind=reply.strip("[]"),
        is_list=reply.startswith("["),
    )


CALLS = {call.name: call for call in map(_parse, filter(None, TABLE.splitlines()))}
