//! What happened to a group.

super::table! {
    GENERIC_GROUP_UPDATE "GenericGroupUpdate" { 1 updaterAci: Bytes }
    GROUP_CREATION_UPDATE "GroupCreationUpdate" { 1 updaterAci: Bytes }
    GROUP_NAME_UPDATE "GroupNameUpdate" { 1 updaterAci: Bytes, 2 newGroupName: Text }
    GROUP_AVATAR_UPDATE "GroupAvatarUpdate" { 1 updaterAci: Bytes, 2 wasRemoved: Bool }
    GROUP_DESCRIPTION_UPDATE "GroupDescriptionUpdate" { 1 updaterAci: Bytes, 2 newDescription: Text }
    GROUP_MEMBERSHIP_ACCESS_LEVEL_CHANGE_UPDATE "GroupMembershipAccessLevelChangeUpdate" {
        1 updaterAci: Bytes, 2 accessLevel: Number
    }
    GROUP_MEMBER_LABEL_ACCESS_LEVEL_CHANGE_UPDATE "GroupMemberLabelAccessLevelChangeUpdate" {
        1 updaterAci: Bytes, 2 accessLevel: Number
    }
    GROUP_ATTRIBUTES_ACCESS_LEVEL_CHANGE_UPDATE "GroupAttributesAccessLevelChangeUpdate" {
        1 updaterAci: Bytes, 2 accessLevel: Number
    }
    GROUP_ANNOUNCEMENT_ONLY_CHANGE_UPDATE "GroupAnnouncementOnlyChangeUpdate" {
        1 updaterAci: Bytes, 2 isAnnouncementOnly: Bool
    }
    GROUP_ADMIN_STATUS_UPDATE "GroupAdminStatusUpdate" {
        1 updaterAci: Bytes, 2 memberAci: Bytes, 3 wasAdminStatusGranted: Bool
    }
    GROUP_MEMBER_LEFT_UPDATE "GroupMemberLeftUpdate" { 1 aci: Bytes }
    GROUP_MEMBER_REMOVED_UPDATE "GroupMemberRemovedUpdate" { 1 removerAci: Bytes, 2 removedAci: Bytes }
    SELF_INVITED_TO_GROUP_UPDATE "SelfInvitedToGroupUpdate" { 1 inviterAci: Bytes }
    SELF_INVITED_OTHER_USER_TO_GROUP_UPDATE "SelfInvitedOtherUserToGroupUpdate" { 1 inviteeServiceId: Bytes }
    GROUP_UNKNOWN_INVITEE_UPDATE "GroupUnknownInviteeUpdate" { 1 inviterAci: Bytes, 2 inviteeCount: Number }
    GROUP_INVITATION_ACCEPTED_UPDATE "GroupInvitationAcceptedUpdate" { 1 inviterAci: Bytes, 2 newMemberAci: Bytes }
    GROUP_INVITATION_DECLINED_UPDATE "GroupInvitationDeclinedUpdate" { 1 inviterAci: Bytes, 2 inviteeAci: Bytes }
    GROUP_MEMBER_JOINED_UPDATE "GroupMemberJoinedUpdate" { 1 newMemberAci: Bytes }
    GROUP_MEMBER_ADDED_UPDATE "GroupMemberAddedUpdate" {
        1 updaterAci: Bytes, 2 newMemberAci: Bytes, 3 hadOpenInvitation: Bool, 4 inviterAci: Bytes
    }
    GROUP_SELF_INVITATION_REVOKED_UPDATE "GroupSelfInvitationRevokedUpdate" { 1 revokerAci: Bytes }
    GROUP_INVITATION_REVOKED_UPDATE "GroupInvitationRevokedUpdate" {
        1 updaterAci: Bytes, 2 invitees[many]: GROUP_INVITATION_REVOKED_UPDATE_INVITEE
    }
    GROUP_INVITATION_REVOKED_UPDATE_INVITEE "GroupInvitationRevokedUpdate.Invitee" {
        1 inviterAci: Bytes, 2 inviteeAci: Bytes, 3 inviteePni: Bytes
    }
    GROUP_JOIN_REQUEST_UPDATE "GroupJoinRequestUpdate" { 1 requestorAci: Bytes }
    GROUP_JOIN_REQUEST_APPROVAL_UPDATE "GroupJoinRequestApprovalUpdate" {
        1 requestorAci: Bytes, 2 updaterAci: Bytes, 3 wasApproved: Bool
    }
    GROUP_JOIN_REQUEST_CANCELED_UPDATE "GroupJoinRequestCanceledUpdate" { 1 requestorAci: Bytes }
    GROUP_SEQUENCE_OF_REQUESTS_AND_CANCELS_UPDATE "GroupSequenceOfRequestsAndCancelsUpdate" {
        1 requestorAci: Bytes, 2 count: Number
    }
    GROUP_INVITE_LINK_RESET_UPDATE "GroupInviteLinkResetUpdate" { 1 updaterAci: Bytes }
    GROUP_INVITE_LINK_ENABLED_UPDATE "GroupInviteLinkEnabledUpdate" { 1 updaterAci: Bytes, 2 linkRequiresAdminApproval: Bool }
    GROUP_INVITE_LINK_ADMIN_APPROVAL_UPDATE "GroupInviteLinkAdminApprovalUpdate" {
        1 updaterAci: Bytes, 2 linkRequiresAdminApproval: Bool
    }
    GROUP_INVITE_LINK_DISABLED_UPDATE "GroupInviteLinkDisabledUpdate" { 1 updaterAci: Bytes }
    GROUP_MEMBER_JOINED_BY_LINK_UPDATE "GroupMemberJoinedByLinkUpdate" { 1 newMemberAci: Bytes }
    GROUP_V2_MIGRATION_UPDATE "GroupV2MigrationUpdate" {}
    GROUP_V2_MIGRATION_SELF_INVITED_UPDATE "GroupV2MigrationSelfInvitedUpdate" {}
    GROUP_V2_MIGRATION_INVITED_MEMBERS_UPDATE "GroupV2MigrationInvitedMembersUpdate" { 1 invitedMembersCount: Number }
    GROUP_V2_MIGRATION_DROPPED_MEMBERS_UPDATE "GroupV2MigrationDroppedMembersUpdate" { 1 droppedMembersCount: Number }
    GROUP_EXPIRATION_TIMER_UPDATE "GroupExpirationTimerUpdate" { 1 expiresInMs: Number, 2 updaterAci: Bytes }
    GROUP_TERMINATE_CHANGE_UPDATE "GroupTerminateChangeUpdate" { 1 updaterAci: Bytes }
}
