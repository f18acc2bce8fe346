//! Frames about chats, and how they look.

use super::content::FILE_POINTER;

super::table! {
    CHAT "Chat" {
        1 id: Number, 2 recipientId: Number, 3 archived: Bool, 4 pinnedOrder: Number, 5 expirationTimerMs: Number,
        6 muteUntilMs: Number, 7 markedUnread: Bool, 8 dontNotifyForMentionsIfMuted: Bool, 9 style: CHAT_STYLE,
        10 expireTimerVersion: Number
    }
    CHAT_STYLE "ChatStyle" {
        1 wallpaperPreset: Number, 2 wallpaperPhoto: FILE_POINTER, 3 autoBubbleColor: CHAT_STYLE_AUTOMATIC_BUBBLE_COLOR,
        4 bubbleColorPreset: Number, 5 customColorId: Number, 7 dimWallpaperInDarkMode: Bool
    }
    CHAT_STYLE_GRADIENT "ChatStyle.Gradient" { 1 angle: Number, 2 colors[many]: Fixed32, 3 positions[many]: Float }
    CHAT_STYLE_CUSTOM_CHAT_COLOR "ChatStyle.CustomChatColor" {
        1 id: Number, 2 solid: Fixed32, 3 gradient: CHAT_STYLE_GRADIENT
    }
    CHAT_STYLE_AUTOMATIC_BUBBLE_COLOR "ChatStyle.AutomaticBubbleColor" {}
}
