"""Ids as distinct types, so that a checker catches a queue given where an operator is meant."""

from typing import NewType

ClientId = NewType("ClientId", str)
"""A client company (tenant); `DEFAULT_CLIENT` where there is only one."""
CallId = NewType("CallId", str)
"""Ours, given in the dialplan as `__RAMAL_CALL`; unique over restarts of the PBX."""
ChannelId = NewType("ChannelId", str)
"""Asterisk's unique id of a channel."""
OperatorId = NewType("OperatorId", str)
"""An operator, named by extension, e.g. `1005`."""
QueueId = NewType("QueueId", str)
SkillId = NewType("SkillId", str)
FlowId = NewType("FlowId", str)
"""A call flow's name: its file's stem, e.g. `main`."""
FlowVersion = NewType("FlowVersion", str)
"""Content hash of a published flow."""
NodeId = NewType("NodeId", str)
PromptId = NewType("PromptId", str)
"""A sound of the catalogue, e.g. `menu/main-greeting`; never a path."""
Language = NewType("Language", str)
"""`pt-BR`, `en` or `es`."""
PlaybackId = NewType("PlaybackId", str)
OfferId = NewType("OfferId", str)
RecordingId = NewType("RecordingId", str)
CampaignId = NewType("CampaignId", str)
AttemptId = NewType("AttemptId", str)
"""One dialling of a campaign's contact; also the id of the channel and of the call that comes of it."""
ContactId = NewType("ContactId", int)
"""A row of a campaign's list; a number, so that a million of them stay small and in order."""
ImportId = NewType("ImportId", str)
WorkItemId = NewType("WorkItemId", str)
CallbackId = NewType("CallbackId", str)
PunchId = NewType("PunchId", str)
Protocol = NewType("Protocol", str)
"""The number a caller is given for a case: digits only, so that it can be spoken and keyed."""

DEFAULT_CLIENT = ClientId("default")
