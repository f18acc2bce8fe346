//! Frames about the account, and the frame itself.

use super::chat::{CHAT, CHAT_STYLE, CHAT_STYLE_CUSTOM_CHAT_COLOR};
use super::item::CHAT_ITEM;
use super::recipient::RECIPIENT;

super::table! {
    BACKUP_INFO "BackupInfo" {
        1 version: Number, 2 backupTimeMs: Number, 3 mediaRootBackupKey: Secret, 4 currentAppVersion: Text,
        5 firstAppVersion: Text, 6 debugInfo: Secret
    }
    FRAME "Frame" {
        1 account: ACCOUNT_DATA, 2 recipient: RECIPIENT, 3 chat: CHAT, 4 chatItem: CHAT_ITEM, 5 stickerPack: STICKER_PACK,
        6 adHocCall: AD_HOC_CALL, 7 notificationProfile: NOTIFICATION_PROFILE, 8 chatFolder: CHAT_FOLDER
    }
    ACCOUNT_DATA "AccountData" {
        1 profileKey: Secret, 2 username: Text, 3 usernameLink: ACCOUNT_DATA_USERNAME_LINK, 4 givenName: Text,
        5 familyName: Text, 6 avatarUrlPath: Text, 7 donationSubscriberData: ACCOUNT_DATA_SUBSCRIBER_DATA,
        9 accountSettings: ACCOUNT_DATA_ACCOUNT_SETTINGS, 10 backupsSubscriberData: ACCOUNT_DATA_IAPSUBSCRIBER_DATA,
        11 svrPin: Secret, 12 androidSpecificSettings: ACCOUNT_DATA_ANDROID_SPECIFIC_SETTINGS, 13 bioText: Text,
        14 bioEmoji: Text, 16 iosSpecificSettings: ACCOUNT_DATA_IOSSPECIFIC_SETTINGS
    }
    ACCOUNT_DATA_USERNAME_LINK "AccountData.UsernameLink" { 1 entropy: Secret, 2 serverId: Secret, 3 color: Number }
    ACCOUNT_DATA_AUTO_DOWNLOAD_SETTINGS "AccountData.AutoDownloadSettings" {
        1 images: Number, 2 audio: Number, 3 video: Number, 4 documents: Number
    }
    ACCOUNT_DATA_ACCOUNT_SETTINGS "AccountData.AccountSettings" {
        1 readReceipts: Bool, 2 sealedSenderIndicators: Bool, 3 typingIndicators: Bool, 4 linkPreviews: Bool,
        5 notDiscoverableByPhoneNumber: Bool, 6 preferContactAvatars: Bool, 7 universalExpireTimerSeconds: Number,
        8 preferredReactionEmoji[many]: Text, 9 displayBadgesOnProfile: Bool, 10 keepMutedChatsArchived: Bool,
        11 hasSetMyStoriesPrivacy: Bool, 12 hasViewedOnboardingStory: Bool, 13 storiesDisabled: Bool,
        14 storyViewReceiptsEnabled: Bool, 15 hasSeenGroupStoryEducationSheet: Bool, 16 hasCompletedUsernameOnboarding: Bool,
        17 phoneNumberSharingMode: Number, 18 defaultChatStyle: CHAT_STYLE,
        19 customChatColors[many]: CHAT_STYLE_CUSTOM_CHAT_COLOR, 20 optimizeOnDeviceStorage: Bool, 21 backupTier: Number,
        23 defaultSentMediaQuality: Number, 24 autoDownloadSettings: ACCOUNT_DATA_AUTO_DOWNLOAD_SETTINGS,
        26 screenLockTimeoutMinutes: Number, 27 pinReminders: Bool, 28 appTheme: Number, 29 callsUseLessDataSetting: Number,
        30 allowSealedSenderFromAnyone: Bool, 31 allowAutomaticKeyVerification: Bool,
        32 hasSeenAdminDeleteEducationDialog: Bool
    }
    ACCOUNT_DATA_SUBSCRIBER_DATA "AccountData.SubscriberData" {
        1 subscriberId: Secret, 2 currencyCode: Text, 3 manuallyCancelled: Bool
    }
    ACCOUNT_DATA_IAPSUBSCRIBER_DATA "AccountData.IAPSubscriberData" {
        1 subscriberId: Secret, 2 purchaseToken: Secret, 3 originalTransactionId: Number
    }
    ACCOUNT_DATA_ANDROID_SPECIFIC_SETTINGS "AccountData.AndroidSpecificSettings" {
        1 useSystemEmoji: Bool, 2 screenshotSecurity: Bool, 3 navigationBarSize: Number
    }
    ACCOUNT_DATA_IOSSPECIFIC_SETTINGS "AccountData.IOSSpecificSettings" { 1 isSystemCallLogEnabled: Bool }
    AD_HOC_CALL "AdHocCall" { 1 callId: Number, 2 recipientId: Number, 3 state: Number, 4 callTimestamp: Number }
    STICKER_PACK "StickerPack" { 1 packId: Bytes, 2 packKey: Secret }
    NOTIFICATION_PROFILE "NotificationProfile" {
        1 name: Text, 2 emoji: Text, 3 color: Fixed32, 4 createdAtMs: Number, 5 allowAllCalls: Bool, 6 allowAllMentions: Bool,
        7 allowedMembers[many]: Number, 8 scheduleEnabled: Bool, 9 scheduleStartTime: Number, 10 scheduleEndTime: Number,
        11 scheduleDaysEnabled[many]: Number, 12 id: Bytes
    }
    CHAT_FOLDER "ChatFolder" {
        1 name: Text, 2 showOnlyUnread: Bool, 3 showMutedChats: Bool, 4 includeAllIndividualChats: Bool,
        5 includeAllGroupChats: Bool, 6 folderType: Number, 7 includedRecipientIds[many]: Number, 8 excludedRecipientIds[many]: Number,
        9 id: Bytes
    }
}
