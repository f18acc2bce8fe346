//! What a message carries: files, cards, stickers, payments.

super::table! {
    PAYMENT_NOTIFICATION "PaymentNotification" {
        1 amountMob: Text, 2 feeMob: Text, 3 note: Text, 4 transactionDetails: PAYMENT_NOTIFICATION_TRANSACTION_DETAILS
    }
    PAYMENT_NOTIFICATION_TRANSACTION_DETAILS "PaymentNotification.TransactionDetails" {
        1 transaction: PAYMENT_NOTIFICATION_TRANSACTION_DETAILS_TRANSACTION,
        2 failedTransaction: PAYMENT_NOTIFICATION_TRANSACTION_DETAILS_FAILED_TRANSACTION
    }
    PAYMENT_NOTIFICATION_TRANSACTION_DETAILS_MOBILE_COIN_TXO_IDENTIFICATION "PaymentNotification.TransactionDetails.MobileCoinTxoIdentification" {
        1 publicKey[many]: Secret, 2 keyImages[many]: Secret
    }
    PAYMENT_NOTIFICATION_TRANSACTION_DETAILS_FAILED_TRANSACTION "PaymentNotification.TransactionDetails.FailedTransaction" {
        1 reason: Number
    }
    PAYMENT_NOTIFICATION_TRANSACTION_DETAILS_TRANSACTION "PaymentNotification.TransactionDetails.Transaction" {
        1 status: Number, 2 mobileCoinIdentification: PAYMENT_NOTIFICATION_TRANSACTION_DETAILS_MOBILE_COIN_TXO_IDENTIFICATION,
        3 timestamp: Number, 4 blockIndex: Number, 5 blockTimestamp: Number, 6 transaction: Secret, 7 receipt: Secret
    }
    GIFT_BADGE "GiftBadge" { 1 receiptCredentialPresentation: Secret, 2 state: Number }
    CONTACT_ATTACHMENT "ContactAttachment" {
        1 name: CONTACT_ATTACHMENT_NAME, 3 number[many]: CONTACT_ATTACHMENT_PHONE, 4 email[many]: CONTACT_ATTACHMENT_EMAIL,
        5 address[many]: CONTACT_ATTACHMENT_POSTAL_ADDRESS, 6 avatar: FILE_POINTER, 7 organization: Text
    }
    CONTACT_ATTACHMENT_NAME "ContactAttachment.Name" {
        1 givenName: Text, 2 familyName: Text, 3 prefix: Text, 4 suffix: Text, 5 middleName: Text, 6 nickname: Text
    }
    CONTACT_ATTACHMENT_PHONE "ContactAttachment.Phone" { 1 value: Text, 2 type: Number, 3 label: Text }
    CONTACT_ATTACHMENT_EMAIL "ContactAttachment.Email" { 1 value: Text, 2 type: Number, 3 label: Text }
    CONTACT_ATTACHMENT_POSTAL_ADDRESS "ContactAttachment.PostalAddress" {
        1 type: Number, 2 label: Text, 3 street: Text, 4 pobox: Text, 5 neighborhood: Text, 6 city: Text, 7 region: Text,
        8 postcode: Text, 9 country: Text
    }
    STICKER "Sticker" { 1 packId: Bytes, 2 packKey: Secret, 3 stickerId: Number, 4 emoji: Text, 5 data: FILE_POINTER }
    LINK_PREVIEW "LinkPreview" { 1 url: Text, 2 title: Text, 3 image: FILE_POINTER, 4 description: Text, 5 date: Number }
    MESSAGE_ATTACHMENT "MessageAttachment" {
        1 pointer: FILE_POINTER, 2 flag: Number, 3 wasDownloaded: Bool, 4 clientUuid: Bytes
    }
    FILE_POINTER "FilePointer" {
        4 contentType: Text, 5 incrementalMac: Bytes, 6 incrementalMacChunkSize: Number, 7 fileName: Text, 8 width: Number,
        9 height: Number, 10 caption: Text, 11 blurHash: Text, 13 locatorInfo: FILE_POINTER_LOCATOR_INFO
    }
    FILE_POINTER_LOCATOR_INFO "FilePointer.LocatorInfo" {
        1 key: Secret, 10 plaintextHash: Bytes, 11 encryptedDigest: Bytes, 3 size: Number, 4 transitCdnKey: Secret,
        5 transitCdnNumber: Number, 6 transitTierUploadTimestamp: Number, 7 mediaTierCdnNumber: Number, 9 localKey: Secret
    }
}
