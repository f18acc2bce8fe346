//! Frames about people, groups and lists.

super::table! {
    RECIPIENT "Recipient" {
        1 id: Number, 2 contact: CONTACT, 3 group: GROUP, 4 distributionList: DISTRIBUTION_LIST_ITEM, 5 self: SELF,
        6 releaseNotes: RELEASE_NOTES, 7 callLink: CALL_LINK
    }
    CONTACT "Contact" {
        1 aci: Bytes, 2 pni: Bytes, 3 username: Text, 4 e164: Number, 5 blocked: Bool, 6 visibility: Number,
        7 registered: CONTACT_REGISTERED, 8 notRegistered: CONTACT_NOT_REGISTERED, 9 profileKey: Secret,
        10 profileSharing: Bool, 11 profileGivenName: Text, 12 profileFamilyName: Text, 13 hideStory: Bool,
        14 identityKey: Bytes, 15 identityState: Number, 16 nickname: CONTACT_NAME, 17 note: Text, 18 systemGivenName: Text,
        19 systemFamilyName: Text, 20 systemNickname: Text, 21 avatarColor: Number, 22 keyTransparencyData: Bytes,
        23 blockedAtTimestamp: Number
    }
    CONTACT_REGISTERED "Contact.Registered" {}
    CONTACT_NOT_REGISTERED "Contact.NotRegistered" { 1 unregisteredTimestamp: Number }
    CONTACT_NAME "Contact.Name" { 1 given: Text, 2 family: Text }
    GROUP "Group" {
        1 masterKey: Secret, 2 whitelisted: Bool, 3 hideStory: Bool, 4 storySendMode: Number,
        5 snapshot: GROUP_GROUP_SNAPSHOT, 6 blocked: Bool, 7 avatarColor: Number, 8 blockedAtTimestamp: Number
    }
    GROUP_GROUP_SNAPSHOT "Group.GroupSnapshot" {
        2 title: GROUP_GROUP_ATTRIBUTE_BLOB, 11 description: GROUP_GROUP_ATTRIBUTE_BLOB, 3 avatarUrl: Text,
        4 disappearingMessagesTimer: GROUP_GROUP_ATTRIBUTE_BLOB, 5 accessControl: GROUP_ACCESS_CONTROL, 6 version: Number,
        7 members[many]: GROUP_MEMBER, 8 membersPendingProfileKey[many]: GROUP_MEMBER_PENDING_PROFILE_KEY,
        9 membersPendingAdminApproval[many]: GROUP_MEMBER_PENDING_ADMIN_APPROVAL, 10 inviteLinkPassword: Secret,
        12 announcementsOnly: Bool, 13 membersBanned[many]: GROUP_MEMBER_BANNED, 14 terminated: Bool
    }
    GROUP_GROUP_ATTRIBUTE_BLOB "Group.GroupAttributeBlob" {
        1 title: Text, 2 avatar: Bytes, 3 disappearingMessagesDuration: Number, 4 descriptionText: Text
    }
    GROUP_MEMBER "Group.Member" {
        1 userId: Bytes, 2 role: Number, 5 joinedAtVersion: Number, 6 labelEmoji: Text, 7 labelString: Text
    }
    GROUP_MEMBER_PENDING_PROFILE_KEY "Group.MemberPendingProfileKey" {
        1 member: GROUP_MEMBER, 2 addedByUserId: Bytes, 3 timestamp: Number
    }
    GROUP_MEMBER_PENDING_ADMIN_APPROVAL "Group.MemberPendingAdminApproval" { 1 userId: Bytes, 4 timestamp: Number }
    GROUP_MEMBER_BANNED "Group.MemberBanned" { 1 userId: Bytes, 2 timestamp: Number }
    GROUP_ACCESS_CONTROL "Group.AccessControl" {
        1 attributes: Number, 2 members: Number, 3 addFromInviteLink: Number, 4 memberLabel: Number
    }
    SELF "Self" { 1 avatarColor: Number }
    RELEASE_NOTES "ReleaseNotes" {}
    CALL_LINK "CallLink" {
        1 rootKey: Secret, 2 adminKey: Secret, 3 name: Text, 4 restrictions: Number, 5 expirationMs: Number
    }
    DISTRIBUTION_LIST_ITEM "DistributionListItem" {
        1 distributionId: Bytes, 2 deletionTimestamp: Number, 3 distributionList: DISTRIBUTION_LIST
    }
    DISTRIBUTION_LIST "DistributionList" {
        1 name: Text, 2 allowReplies: Bool, 3 privacyMode: Number, 4 memberRecipientIds[many]: Number
    }
}
