"""The Amazon Connect instance: made, existing, or another center's; attributes, storage, approved origins.

Limits and values: https://docs.aws.amazon.com/connect/latest/APIReference/API_CreateInstance.html,
API_UpdateInstanceAttribute.html, API_InstanceStorageConfig.html.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from trunkline.api.common import (
    SET,
    Arn,
    Flag,
    KmsKeyArn,
    Model,
    ObjectReference,
    Rule,
    Tags,
    Uuid,
    absent,
    constant,
    entries,
    example,
    fixed,
    integer,
    list_map,
    only_one_of,
    required,
    text,
    unmanaged,
)
from trunkline.api.policies import DeletionPolicy


class IdentityManagement(StrEnum):
    SAML = "SAML"
    CONNECT_MANAGED = "CONNECT_MANAGED"
    EXISTING_DIRECTORY = "EXISTING_DIRECTORY"


class StorageType(StrEnum):
    CHAT_TRANSCRIPTS = "CHAT_TRANSCRIPTS"
    CALL_RECORDINGS = "CALL_RECORDINGS"
    SCHEDULED_REPORTS = "SCHEDULED_REPORTS"
    MEDIA_STREAMS = "MEDIA_STREAMS"
    CONTACT_TRACE_RECORDS = "CONTACT_TRACE_RECORDS"
    AGENT_EVENTS = "AGENT_EVENTS"
    REAL_TIME_CONTACT_ANALYSIS_SEGMENTS = "REAL_TIME_CONTACT_ANALYSIS_SEGMENTS"
    ATTACHMENTS = "ATTACHMENTS"
    CONTACT_EVALUATIONS = "CONTACT_EVALUATIONS"
    SCREEN_RECORDINGS = "SCREEN_RECORDINGS"
    REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS = "REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS"
    REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS = "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS"
    EMAIL_MESSAGES = "EMAIL_MESSAGES"


class InstanceAttributes(Model):
    """The fourteen switches of an instance."""

    inbound_calls: Flag | None = unmanaged("Calls may come in (INBOUND_CALLS).", "a new instance takes them")
    outbound_calls: Flag | None = unmanaged("Calls may go out (OUTBOUND_CALLS).", "a new instance makes them")
    contactflow_logs: Flag | None = unmanaged("Flows log to CloudWatch (CONTACTFLOW_LOGS).")
    contact_lens: Flag | None = unmanaged("Contact Lens (CONTACT_LENS).")
    auto_resolve_best_voices: Flag | None = unmanaged(
        "The best voice of a language is chosen (AUTO_RESOLVE_BEST_VOICES)."
    )
    use_custom_tts_voices: Flag | None = unmanaged(
        "Custom voices (USE_CUSTOM_TTS_VOICES); AWS must have allowed them for the account."
    )
    early_media: Flag | None = unmanaged("Agents hear what comes before the answer of an outbound call (EARLY_MEDIA).")
    multi_party_conference: Flag | None = unmanaged("Up to six parties on a call (MULTI_PARTY_CONFERENCE).")
    auto_mute_agent_on_hold: Flag | None = unmanaged(
        "The agent is muted while a caller is on hold (AUTO_MUTE_AGENT_ON_HOLD)."
    )
    high_volume_outbound: Flag | None = unmanaged("Outbound campaigns (HIGH_VOLUME_OUTBOUND).")
    enhanced_contact_monitoring: Flag | None = unmanaged(
        "Monitoring and barging in for calls (ENHANCED_CONTACT_MONITORING)."
    )
    enhanced_chat_monitoring: Flag | None = unmanaged("Monitoring and barging in for chats (ENHANCED_CHAT_MONITORING).")
    multi_party_chat_conference: Flag | None = unmanaged("Up to six parties in a chat (MULTI_PARTY_CHAT_CONFERENCE).")
    message_streaming: Flag | None = unmanaged("Chat messages stream as they are written (MESSAGE_STREAMING).")

    def managed(self) -> dict[str, bool]:
        """What the spec says, by AWS's attribute type (`INBOUND_CALLS`)."""
        values = {name.upper(): getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if value is not None}


_Bucket = Annotated[str, text(63, least=3, pattern="^[a-z0-9][a-z0-9.-]*[a-z0-9]$"), example("acme-recordings")]
_Prefix = Annotated[str, text(128)]


class S3Storage(Model):
    """A bucket."""

    bucket: _Bucket = required("Bucket; it exists.")
    prefix: _Prefix = required("Prefix of the keys, without a slash at the end.")
    kms_key_arn: KmsKeyArn | None = absent("KMS key for what is stored.", "the bucket's own encryption")


class StreamStorage(Model):
    """A Kinesis data stream or Firehose stream."""

    arn: Arn = required("ARN of the stream; it exists.")


class VideoStorage(Model):
    """Kinesis Video Streams, made by Connect as calls come."""

    prefix: _Prefix = required("Prefix of the stream names.")
    retention_hours: Annotated[int, integer(0, 87_600)] = required("Hours that audio is kept.")
    kms_key_arn: KmsKeyArn = required("KMS key; AWS demands one.")


class StorageConfig(Model):
    """Where one kind of data goes. Taking a configuration away stops the recording and asks for a confirmation."""

    rules = (only_one_of("s3", "kinesisStream", "firehose", "kinesisVideoStream"),)

    type: StorageType = required("What is stored; one entry per type.")
    s3: S3Storage | None = absent("To a bucket.", "another form is written")
    kinesis_stream: StreamStorage | None = absent("To a Kinesis data stream.", "another form is written")
    firehose: StreamStorage | None = absent("To a Firehose stream.", "another form is written")
    kinesis_video_stream: VideoStorage | None = absent(
        "To Kinesis Video Streams (MEDIA_STREAMS).", "another form is written"
    )


_Origin = Annotated[
    str, text(267, pattern="^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$"), example("https://crm.acme.example")
]

_KEEP = "of an existing instance cannot change: AWS has no way; make a second center and move"


class Instance(Model):
    """The instance that everything else of Connect lives in."""

    rules = (
        only_one_of("alias", "id", "centerRef"),
        Rule(
            "!has(self.alias) || has(self.identityManagement)",
            "identityManagement is required beside alias: SAML, CONNECT_MANAGED or EXISTING_DIRECTORY",
            holds=lambda i: i.alias is None or i.identity_management is not None,
        ),
        Rule(
            "(has(self.identityManagement) && self.identityManagement == 'EXISTING_DIRECTORY') == has(self.directoryId)",
            "write directoryId with identityManagement: EXISTING_DIRECTORY, and only then",
            holds=lambda i: (
                (i.identity_management is IdentityManagement.EXISTING_DIRECTORY) == (i.directory_id is not None)
            ),
        ),
        Rule(
            "!has(self.alias) || !self.alias.startsWith('d-')",
            "alias must not start with d-, AWS reserves it",
            ".alias",
            holds=lambda i: i.alias is None or not i.alias.startswith("d-"),
        ),
        Rule(
            "!has(self.centerRef) || !(has(self.attributes) || has(self.storage) || has(self.approvedOrigins) || has(self.tags) || has(self.deletionPolicy))",
            "with centerRef the other center manages the instance: write attributes, storage, approvedOrigins, tags and deletionPolicy there",
            holds=lambda i: (
                i.center_ref is None
                or not any(
                    (
                        i.attributes,
                        i.storage is not None,
                        i.approved_origins is not None,
                        i.tags is not None,
                        i.deletion_policy,
                    )
                )
            ),
        ),
        Rule(
            "has(self.alias) == has(oldSelf.alias) && has(self.id) == has(oldSelf.id) && has(self.centerRef) == has(oldSelf.centerRef)",
            "the form of the instance (alias, id, centerRef) cannot change: make a second ContactCenter and move",
        ),
        # Its name alone would be said by a rule on it, but the type is that of other references as well.
        fixed("centerRef", "the instance cannot be exchanged: make a second ContactCenter and move"),
        Rule(
            "!has(oldSelf.identityManagement) || has(self.identityManagement)",
            f"identityManagement {_KEEP}",
            ".identityManagement",
        ),
    )

    alias: (
        Annotated[
            str,
            text(45, pattern="^[0-9A-Za-z]+(-*[0-9A-Za-z])*$"),
            example("acme-production"),
            constant(f"the alias {_KEEP}"),
        ]
        | None
    ) = absent(
        "Make an instance of this alias, unique in the world: https://<alias>.my.connect.aws. Cannot change.",
        "id or centerRef is written",
    )
    id: Annotated[Uuid, constant("the instance cannot be exchanged: make a second ContactCenter and move")] | None = (
        absent(
            "Use the instance of this id. Nothing of it is touched that the spec does not list.",
            "alias or centerRef is written",
        )
    )
    center_ref: ObjectReference | None = absent(
        "Use the instance of another ContactCenter of this namespace.", "alias or id is written"
    )
    identity_management: Annotated[IdentityManagement, constant(f"identityManagement {_KEEP}")] | None = absent(
        "Where users come from. Required beside alias. Cannot change.", "the instance exists already"
    )
    directory_id: (
        Annotated[
            str,
            text(12, least=12, pattern="^d-[0-9a-f]{10}$"),
            example("d-0123456789"),
            constant(f"the directory {_KEEP}"),
        ]
        | None
    ) = absent("The directory, with EXISTING_DIRECTORY only.", "users do not come from a directory")
    attributes: InstanceAttributes | None = unmanaged("The instance's switches; each that is absent stays as it is.")
    storage: Annotated[tuple[StorageConfig, ...], entries(len(StorageType)), list_map("type")] | None = unmanaged(
        "Where recordings, transcripts, records and events go; buckets and streams exist. [] says: nowhere."
    )
    approved_origins: Annotated[tuple[_Origin, ...], entries(50), SET] | None = unmanaged(
        "Web origins that may embed the agent's panel. [] says: none."
    )
    tags: Tags | None = absent(
        "Tags of the instance, beside those of spec.tags, which they override.", "only those of spec.tags"
    )
    deletion_policy: DeletionPolicy | None = absent(
        "What becomes of the instance when the object is deleted. It holds data: it is deleted only by Delete written here, never by spec.deletionPolicy.",
        "retained",
    )
