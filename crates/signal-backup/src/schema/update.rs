//! Notices in a chat.

use super::group_update::{
    GENERIC_GROUP_UPDATE, GROUP_ADMIN_STATUS_UPDATE, GROUP_ANNOUNCEMENT_ONLY_CHANGE_UPDATE,
    GROUP_ATTRIBUTES_ACCESS_LEVEL_CHANGE_UPDATE, GROUP_AVATAR_UPDATE, GROUP_CREATION_UPDATE, GROUP_DESCRIPTION_UPDATE,
    GROUP_EXPIRATION_TIMER_UPDATE, GROUP_INVITATION_ACCEPTED_UPDATE, GROUP_INVITATION_DECLINED_UPDATE,
    GROUP_INVITATION_REVOKED_UPDATE, GROUP_INVITE_LINK_ADMIN_APPROVAL_UPDATE, GROUP_INVITE_LINK_DISABLED_UPDATE,
    GROUP_INVITE_LINK_ENABLED_UPDATE, GROUP_INVITE_LINK_RESET_UPDATE, GROUP_JOIN_REQUEST_APPROVAL_UPDATE,
    GROUP_JOIN_REQUEST_CANCELED_UPDATE, GROUP_JOIN_REQUEST_UPDATE, GROUP_MEMBER_ADDED_UPDATE, GROUP_MEMBER_JOINED_BY_LINK_UPDATE,
    GROUP_MEMBER_JOINED_UPDATE, GROUP_MEMBER_LABEL_ACCESS_LEVEL_CHANGE_UPDATE, GROUP_MEMBER_LEFT_UPDATE,
    GROUP_MEMBER_REMOVED_UPDATE, GROUP_MEMBERSHIP_ACCESS_LEVEL_CHANGE_UPDATE, GROUP_NAME_UPDATE,
    GROUP_SELF_INVITATION_REVOKED_UPDATE, GROUP_SEQUENCE_OF_REQUESTS_AND_CANCELS_UPDATE, GROUP_TERMINATE_CHANGE_UPDATE,
    GROUP_UNKNOWN_INVITEE_UPDATE, GROUP_V2_MIGRATION_DROPPED_MEMBERS_UPDATE, GROUP_V2_MIGRATION_INVITED_MEMBERS_UPDATE,
    GROUP_V2_MIGRATION_SELF_INVITED_UPDATE, GROUP_V2_MIGRATION_UPDATE, SELF_INVITED_OTHER_USER_TO_GROUP_UPDATE,
    SELF_INVITED_TO_GROUP_UPDATE,
};

super::table! {
    CHAT_UPDATE_MESSAGE "ChatUpdateMessage" {
        1 simpleUpdate: SIMPLE_CHAT_UPDATE, 2 groupChange: GROUP_CHANGE_CHAT_UPDATE,
        3 expirationTimerChange: EXPIRATION_TIMER_CHAT_UPDATE, 4 profileChange: PROFILE_CHANGE_CHAT_UPDATE,
        5 threadMerge: THREAD_MERGE_CHAT_UPDATE, 6 sessionSwitchover: SESSION_SWITCHOVER_CHAT_UPDATE,
        7 individualCall: INDIVIDUAL_CALL, 8 groupCall: GROUP_CALL, 9 learnedProfileChange: LEARNED_PROFILE_CHAT_UPDATE,
        10 pollTerminate: POLL_TERMINATE_UPDATE, 11 pinMessage: PIN_MESSAGE_UPDATE
    }
    INDIVIDUAL_CALL "IndividualCall" {
        1 callId: Number, 2 type: Number, 3 direction: Number, 4 state: Number, 5 startedCallTimestamp: Number, 6 read: Bool
    }
    GROUP_CALL "GroupCall" {
        1 callId: Number, 2 state: Number, 3 ringerRecipientId: Number, 4 startedCallRecipientId: Number,
        5 startedCallTimestamp: Number, 6 endedCallTimestamp: Number, 7 read: Bool
    }
    SIMPLE_CHAT_UPDATE "SimpleChatUpdate" { 1 type: Number }
    EXPIRATION_TIMER_CHAT_UPDATE "ExpirationTimerChatUpdate" { 1 expiresInMs: Number }
    PROFILE_CHANGE_CHAT_UPDATE "ProfileChangeChatUpdate" { 1 previousName: Text, 2 newName: Text }
    LEARNED_PROFILE_CHAT_UPDATE "LearnedProfileChatUpdate" { 1 e164: Number, 2 username: Text }
    THREAD_MERGE_CHAT_UPDATE "ThreadMergeChatUpdate" { 1 previousE164: Number }
    SESSION_SWITCHOVER_CHAT_UPDATE "SessionSwitchoverChatUpdate" { 1 e164: Number }
    GROUP_CHANGE_CHAT_UPDATE "GroupChangeChatUpdate" { 1 updates[many]: GROUP_CHANGE_CHAT_UPDATE_UPDATE }
    GROUP_CHANGE_CHAT_UPDATE_UPDATE "GroupChangeChatUpdate.Update" {
        1 genericGroupUpdate: GENERIC_GROUP_UPDATE, 2 groupCreationUpdate: GROUP_CREATION_UPDATE,
        3 groupNameUpdate: GROUP_NAME_UPDATE, 4 groupAvatarUpdate: GROUP_AVATAR_UPDATE,
        5 groupDescriptionUpdate: GROUP_DESCRIPTION_UPDATE,
        6 groupMembershipAccessLevelChangeUpdate: GROUP_MEMBERSHIP_ACCESS_LEVEL_CHANGE_UPDATE,
        7 groupAttributesAccessLevelChangeUpdate: GROUP_ATTRIBUTES_ACCESS_LEVEL_CHANGE_UPDATE,
        8 groupAnnouncementOnlyChangeUpdate: GROUP_ANNOUNCEMENT_ONLY_CHANGE_UPDATE,
        9 groupAdminStatusUpdate: GROUP_ADMIN_STATUS_UPDATE, 10 groupMemberLeftUpdate: GROUP_MEMBER_LEFT_UPDATE,
        11 groupMemberRemovedUpdate: GROUP_MEMBER_REMOVED_UPDATE, 12 selfInvitedToGroupUpdate: SELF_INVITED_TO_GROUP_UPDATE,
        13 selfInvitedOtherUserToGroupUpdate: SELF_INVITED_OTHER_USER_TO_GROUP_UPDATE,
        14 groupUnknownInviteeUpdate: GROUP_UNKNOWN_INVITEE_UPDATE,
        15 groupInvitationAcceptedUpdate: GROUP_INVITATION_ACCEPTED_UPDATE,
        16 groupInvitationDeclinedUpdate: GROUP_INVITATION_DECLINED_UPDATE,
        17 groupMemberJoinedUpdate: GROUP_MEMBER_JOINED_UPDATE, 18 groupMemberAddedUpdate: GROUP_MEMBER_ADDED_UPDATE,
        19 groupSelfInvitationRevokedUpdate: GROUP_SELF_INVITATION_REVOKED_UPDATE,
        20 groupInvitationRevokedUpdate: GROUP_INVITATION_REVOKED_UPDATE,
        21 groupJoinRequestUpdate: GROUP_JOIN_REQUEST_UPDATE,
        22 groupJoinRequestApprovalUpdate: GROUP_JOIN_REQUEST_APPROVAL_UPDATE,
        23 groupJoinRequestCanceledUpdate: GROUP_JOIN_REQUEST_CANCELED_UPDATE,
        24 groupInviteLinkResetUpdate: GROUP_INVITE_LINK_RESET_UPDATE,
        25 groupInviteLinkEnabledUpdate: GROUP_INVITE_LINK_ENABLED_UPDATE,
        26 groupInviteLinkAdminApprovalUpdate: GROUP_INVITE_LINK_ADMIN_APPROVAL_UPDATE,
        27 groupInviteLinkDisabledUpdate: GROUP_INVITE_LINK_DISABLED_UPDATE,
        28 groupMemberJoinedByLinkUpdate: GROUP_MEMBER_JOINED_BY_LINK_UPDATE,
        29 groupV2MigrationUpdate: GROUP_V2_MIGRATION_UPDATE,
        30 groupV2MigrationSelfInvitedUpdate: GROUP_V2_MIGRATION_SELF_INVITED_UPDATE,
        31 groupV2MigrationInvitedMembersUpdate: GROUP_V2_MIGRATION_INVITED_MEMBERS_UPDATE,
        32 groupV2MigrationDroppedMembersUpdate: GROUP_V2_MIGRATION_DROPPED_MEMBERS_UPDATE,
        33 groupSequenceOfRequestsAndCancelsUpdate: GROUP_SEQUENCE_OF_REQUESTS_AND_CANCELS_UPDATE,
        34 groupExpirationTimerUpdate: GROUP_EXPIRATION_TIMER_UPDATE,
        35 groupMemberLabelAccessLevelChangeUpdate: GROUP_MEMBER_LABEL_ACCESS_LEVEL_CHANGE_UPDATE,
        36 groupTerminateChangeUpdate: GROUP_TERMINATE_CHANGE_UPDATE
    }
    POLL_TERMINATE_UPDATE "PollTerminateUpdate" { 1 targetSentTimestamp: Number, 2 question: Text }
    PIN_MESSAGE_UPDATE "PinMessageUpdate" { 1 targetSentTimestamp: Number, 2 authorId: Number }
}
