//! One message: its head, who got it, what kind it is.

use super::content::{
    CONTACT_ATTACHMENT, FILE_POINTER, GIFT_BADGE, LINK_PREVIEW, MESSAGE_ATTACHMENT, PAYMENT_NOTIFICATION, STICKER,
};
use super::update::CHAT_UPDATE_MESSAGE;

super::table! {
    CHAT_ITEM "ChatItem" {
        1 chatId: Number, 2 authorId: Number, 3 dateSent: Number, 4 expireStartDate: Number, 5 expiresInMs: Number,
        6 revisions[many]: CHAT_ITEM, 7 sms: Bool, 8 incoming: CHAT_ITEM_INCOMING_MESSAGE_DETAILS,
        9 outgoing: CHAT_ITEM_OUTGOING_MESSAGE_DETAILS, 10 directionless: CHAT_ITEM_DIRECTIONLESS_MESSAGE_DETAILS,
        11 standardMessage: STANDARD_MESSAGE, 12 contactMessage: CONTACT_MESSAGE, 13 stickerMessage: STICKER_MESSAGE,
        14 remoteDeletedMessage: REMOTE_DELETED_MESSAGE, 15 updateMessage: CHAT_UPDATE_MESSAGE,
        16 paymentNotification: PAYMENT_NOTIFICATION, 17 giftBadge: GIFT_BADGE, 18 viewOnceMessage: VIEW_ONCE_MESSAGE,
        19 directStoryReplyMessage: DIRECT_STORY_REPLY_MESSAGE, 20 poll: POLL, 22 adminDeletedMessage: ADMIN_DELETED_MESSAGE,
        21 pinDetails: CHAT_ITEM_PIN_DETAILS
    }
    CHAT_ITEM_INCOMING_MESSAGE_DETAILS "ChatItem.IncomingMessageDetails" {
        1 dateReceived: Number, 2 dateServerSent: Number, 3 read: Bool, 4 sealedSender: Bool
    }
    CHAT_ITEM_OUTGOING_MESSAGE_DETAILS "ChatItem.OutgoingMessageDetails" {
        1 sendStatus[many]: SEND_STATUS, 2 dateReceived: Number
    }
    CHAT_ITEM_DIRECTIONLESS_MESSAGE_DETAILS "ChatItem.DirectionlessMessageDetails" {}
    CHAT_ITEM_PIN_DETAILS "ChatItem.PinDetails" {
        1 pinnedAtTimestamp: Number, 2 pinExpiresAtTimestamp: Number, 3 pinNeverExpires: Bool
    }
    SEND_STATUS "SendStatus" {
        1 recipientId: Number, 2 timestamp: Number, 3 pending: SEND_STATUS_PENDING, 4 sent: SEND_STATUS_SENT,
        5 delivered: SEND_STATUS_DELIVERED, 6 read: SEND_STATUS_READ, 7 viewed: SEND_STATUS_VIEWED,
        8 skipped: SEND_STATUS_SKIPPED, 9 failed: SEND_STATUS_FAILED
    }
    SEND_STATUS_PENDING "SendStatus.Pending" {}
    SEND_STATUS_SENT "SendStatus.Sent" { 1 sealedSender: Bool }
    SEND_STATUS_DELIVERED "SendStatus.Delivered" { 1 sealedSender: Bool }
    SEND_STATUS_READ "SendStatus.Read" { 1 sealedSender: Bool }
    SEND_STATUS_VIEWED "SendStatus.Viewed" { 1 sealedSender: Bool }
    SEND_STATUS_SKIPPED "SendStatus.Skipped" {}
    SEND_STATUS_FAILED "SendStatus.Failed" { 1 reason: Number }
    TEXT "Text" { 1 body: Text, 2 bodyRanges[many]: BODY_RANGE }
    STANDARD_MESSAGE "StandardMessage" {
        1 quote: QUOTE, 2 text: TEXT, 3 attachments[many]: MESSAGE_ATTACHMENT, 4 linkPreview[many]: LINK_PREVIEW,
        5 longText: FILE_POINTER, 6 reactions[many]: REACTION
    }
    CONTACT_MESSAGE "ContactMessage" { 1 contact: CONTACT_ATTACHMENT, 2 reactions[many]: REACTION }
    DIRECT_STORY_REPLY_MESSAGE "DirectStoryReplyMessage" {
        1 textReply: DIRECT_STORY_REPLY_MESSAGE_TEXT_REPLY, 2 emoji: Text, 3 reactions[many]: REACTION
    }
    DIRECT_STORY_REPLY_MESSAGE_TEXT_REPLY "DirectStoryReplyMessage.TextReply" { 1 text: TEXT, 2 longText: FILE_POINTER }
    VIEW_ONCE_MESSAGE "ViewOnceMessage" { 1 attachment: MESSAGE_ATTACHMENT, 2 reactions[many]: REACTION }
    STICKER_MESSAGE "StickerMessage" { 1 sticker: STICKER, 2 reactions[many]: REACTION }
    REMOTE_DELETED_MESSAGE "RemoteDeletedMessage" {}
    QUOTE "Quote" {
        1 targetSentTimestamp: Number, 2 authorId: Number, 3 text: TEXT, 4 attachments[many]: QUOTE_QUOTED_ATTACHMENT,
        5 type: Number
    }
    QUOTE_QUOTED_ATTACHMENT "Quote.QuotedAttachment" {
        1 contentType: Text, 2 fileName: Text, 3 thumbnail: MESSAGE_ATTACHMENT
    }
    BODY_RANGE "BodyRange" { 1 start: Number, 2 length: Number, 3 mentionAci: Bytes, 4 style: Number }
    REACTION "Reaction" { 1 emoji: Text, 2 authorId: Number, 3 sentTimestamp: Number, 4 sortOrder: Number }
    POLL "Poll" {
        1 question: Text, 2 allowMultiple: Bool, 3 options[many]: POLL_POLL_OPTION, 4 hasEnded: Bool, 5 reactions[many]: REACTION
    }
    POLL_POLL_OPTION "Poll.PollOption" { 1 option: Text, 2 votes[many]: POLL_POLL_OPTION_POLL_VOTE }
    POLL_POLL_OPTION_POLL_VOTE "Poll.PollOption.PollVote" { 1 voterId: Number, 2 voteCount: Number }
    ADMIN_DELETED_MESSAGE "AdminDeletedMessage" { 1 adminId: Number }
}
