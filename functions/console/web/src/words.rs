//! Every text of the page, in both languages.

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Its tag for `lang` attributes and cookies.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// A language of a tag such as `zh-TW` or `en-GB`; `None` when we do not speak it.
    pub(crate) fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        match primary {
            _ if primary.eq_ignore_ascii_case("zh") => Some(Self::Zh),
            _ if primary.eq_ignore_ascii_case("en") => Some(Self::En),
            _ => None,
        }
    }

    /// One of two texts.
    pub(crate) const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// This language's half of a sentence written as `中文 / English`; the whole where it is not one such pair.
    pub(crate) fn half(self, text: &str) -> &str {
        let mut parts = text.split(" / ");
        match (parts.next(), parts.next(), parts.next()) {
            (Some(zh), Some(en), None) if zh.chars().any(|letter| letter > '\u{2e7f}') => self.pick(zh, en),
            _ => text,
        }
    }
}

/// Declares the texts: a name, Chinese, English.
macro_rules! words {
    ($($name:ident: $zh:literal, $en:literal;)*) => {
        /// A text of the page by its name; that each has both languages is seen to by its declaration.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Word { $(
            #[doc = $en]
            $name,
        )* }

        impl Word {
            /// All of them.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            /// In one language.
            pub(crate) const fn in_lang(self, lang: Lang) -> &'static str {
                match self { $(Self::$name => lang.pick($zh, $en),)* }
            }
        }
    };
}

impl Word {
    /// In both, as sentences of the API are written.
    pub(crate) fn both(self) -> String {
        format!("{} / {}", self.in_lang(Lang::Zh), self.in_lang(Lang::En))
    }
}

words! {
    Huidan: "汇单", "Huidan";
    ToContent: "跳到正文", "Skip to content";
    Menu: "菜单", "Menu";
    Overview: "待办", "To do";
    Orders: "订单", "Orders";
    Order: "订单", "Order";
    Packages: "包裹", "Packages";
    Package: "包裹", "Package";
    ScanPage: "扫描", "Scan";
    Prices: "比价", "Prices";
    PricesHelp: "已问过每个可用的快递账号，没有下单。", "Every carrier account was asked; nothing was booked.";
    Product: "产品", "Product";
    PriceAsked: "报价", "Price";
    DaysOnTheWay: "天数", "Days";
    Pieces: "件数", "Pieces";
    PiecesSure: "改件数；已有单号的作废重取", "Change it; a number that is given goes back";
    SaidPieces: "件数已改", "The number of pieces is changed";
    Children: "子单号", "Further pieces";
    Shops: "店铺", "Shops";
    Printing: "打印", "Printing";
    SignIn: "登录", "Sign in";
    SignOut: "退出", "Sign out";
    Name: "用户名", "Name";
    Password: "密码", "Password";
    SignedOut: "已退出", "Signed out";
    NotFound: "没有这个页面", "There is no such page";
    Failed: "没有办成", "That did not work";
    GoBack: "回到待办", "Back to what is to do";
    Expired: "页面已过期，请重试", "The page was out of date; please try again";
    Answered: "已经点过了，请看现在的状态", "That was answered already; look at how it stands now";
    Foreign: "此请求来自其他网站，未执行", "This request came from another site; nothing was done";

    NothingToDo: "没有需要人处理的事。", "Nothing needs a person.";
    FirstShop: "还没有店铺。添加第一个店铺，订单就会进来。", "There is no shop yet. Add the first one and its orders come in.";
    Unconfirmed: "面单出来了吗？", "Did the label come out?";
    UnconfirmedHelp: "打印时断了线，没人知道这张纸出来没有。请看打印机旁。",
        "Something broke while this was printing. Look beside the printer.";
    CameOut: "出来了", "It came out";
    CameOutNot: "没有出来", "It did not";
    ThenPrinted: "选“没有出来”会再打一张。", "\"It did not\" prints it again.";
    FailedPrints: "没有打出来的面单", "Labels that failed";
    HeldOrders: "等待的订单", "Orders that wait";
    StuckPackages: "卡住的包裹", "Packages that do not get on";
    ParcelAlarms: "途中要留意的包裹", "Parcels to look after";
    OutboxTroubles: "平台没有收下的发货通知", "What a shop's platform did not take";
    Quarantined: "读不懂的来件", "What could not be read";
    NumberTroubles: "没有用掉的单号", "Numbers that do not serve";
    NumberTroublesHelp: "承运商不收回的，请向对方要回或认账；没有发出的，请发出或作废。",
        "What the carrier does not take back: ask for it, or count it as lost. What does not leave: ship it, or void it.";
    NumberCredited: "已退回", "Credited";
    NumberLost: "算作损失", "Lost";
    ShopTroubles: "店铺的问题", "Trouble with shops";
    CarrierTroubles: "快递账号的问题", "Trouble with carrier accounts";
    InboxTroubles: "门口积压", "Waiting at the door";
    Breakers: "暂停使用的功能", "Left alone for a while";
    Retry: "再试一次", "Try again";
    Numbers: "数字", "Numbers";
    Tries: "次尝试", "tries";
    Until: "至", "until";
    Refresh: "刷新", "Refresh";

    GaugeToPlan: "待安排", "To plan";
    GaugeToShip: "待发货", "To ship";
    GaugeHeld: "等待", "Waiting";
    GaugePrintQueued: "待打印", "To print";
    GaugeUnconfirmed: "打印待确认", "Prints to confirm";
    GaugePrintFailed: "打印失败", "Prints failed";
    GaugeQuarantined: "读不懂", "Unreadable";
    GaugeMissing: "下落不明", "Missing";
    GaugeInbox: "未处理来件", "Not handled yet";
    GaugeOutbox: "待通知", "To be told";
    GaugeOutboxDead: "通知失败", "Not told";
    GaugeOversold: "超卖件数", "Oversold pieces";
    GaugeAfterRefund: "退款后发出", "Shipped after refund";
    GaugeNotThere: "发货未回传", "Shipped, not told";
    GaugeNotHere: "平台已发、本地未出", "Shipped there, not here";
    GaugeConflicts: "单号不一致", "Numbers in conflict";
    GaugeLateNow: "已超时的订单", "Orders that are late";
    GaugeLateSoon: "快超时的订单", "Orders late soon";
    GaugeWaiting: "包裹待单号", "Packages waiting";
    GaugeAlarms: "途中异常", "Parcel alarms";
    GaugeNumbersUnused: "闲置单号", "Numbers unused";
    GaugeNumbersDisputed: "争议单号", "Numbers disputed";
    GaugeShopAlarms: "店铺预警", "Alarms of shops";
    GaugeAccounts: "账号异常", "Accounts in trouble";
    GaugeOrders: "订单总数", "Orders in all";
    GaugePackages: "包裹总数", "Packages in all";

    OurNumber: "我们的单号", "Our number";
    TheirNumber: "平台的单号", "Theirs";
    KeepTheirs: "保留平台的", "Keep theirs";
    SendOurs: "改为我们的", "Send ours";
    Deadlines: "发货时限", "Deadlines";
    WillBeLate: "按现在的速度来不及", "Will be late at this pace";
    LeftLately: "近四小时发出", "left within four hours";
    ToLeave: "待发", "to leave";
    NothingDue: "没有待发的订单。", "Nothing has to leave.";
    LeaveBy: "最后一次揽收", "Last pick-up in time";
    ExpectedAt: "预计发出", "Expected to leave";
    NotPickedUp: "已回传、未揽收", "Told, and not picked up";
    NotPickedUpHelp: "平台会按虚假发货处罚：尽快交给快递，或在平台改单号、撤回发货。",
        "Platforms fine this as false shipping: hand them over at once, or change the number or withdraw the shipment there.";

    Status: "状态", "Status";
    Shop: "店铺", "Shop";
    Channel: "平台", "Channel";
    All: "全部", "All";
    Show: "筛选", "Show";
    Next: "下一页", "Next page";
    FirstPage: "回到第一页", "First page";
    NoOrders: "没有这样的订单。", "There are no such orders.";
    NoPackages: "没有这样的包裹。", "There are no such packages.";
    Placed: "下单", "Placed";
    Paid: "付款", "Paid";
    ShipBy: "最迟发货", "Ship by";
    Total: "金额", "Total";
    Pay: "支付", "Payment";
    Review: "审核", "Review";
    Refund: "退款", "Refund";
    AtChannel: "平台状态", "At the channel";
    Lines: "商品", "Goods";
    Qty: "数量", "Qty";
    Price: "单价", "Price";
    NoSku: "未对应 SKU", "No SKU yet";
    Receiver: "收件人", "Receiver";
    Encrypted: "收件人由平台加密", "The platform keeps the receiver encrypted";
    BuyerRemark: "买家留言", "Buyer's remark";
    SellerRemark: "卖家备注", "Your note";
    Tags: "标记", "Marks";
    WhyWaits: "为什么等待", "Why it waits";
    HeldBy: "由", "by";
    Actions: "操作", "Actions";
    Approve: "审核通过", "Approve";
    Hold: "拦下", "Hold";
    HoldWhy: "拦下的原因", "Why hold it";
    Release: "放行", "Release";
    Cancel: "取消订单", "Cancel the order";
    CancelSure: "确认取消，不再发货", "Yes, cancel it: nothing more is shipped";
    Happened: "经过", "What happened";
    NoEvents: "还没有记录。", "Nothing yet.";

    Warehouse: "仓库", "Warehouse";
    Carrier: "快递", "Carrier";
    Waybill: "运单号", "Waybill";
    NoWaybill: "还没有单号", "No number yet";
    Weight: "重量", "Weight";
    Version: "面单版本", "Paper's version";
    WaitsFor: "在等", "Waits for";
    Alarm: "留意", "Look after";
    Label: "面单", "Label";
    LabelAlt: "面单图片，运单号", "Picture of the label, waybill";
    NoLabel: "还没有面单。", "There is no label yet.";
    Why: "为什么这样安排", "Why this way";
    Applied: "适用", "applied";
    Applied0: "不适用", "did not";
    Jobs: "打印记录", "Prints";
    Copy: "打印件", "Copy";
    Book: "取运单号", "Get a number";
    Print: "打印面单", "Print the label";
    Reprint: "重打", "Print again";
    ReprintWhy: "重打的原因（会印在面单上留痕）", "Why print it again (the paper is marked)";
    Void: "作废运单", "Void the number";
    VoidSure: "确认作废，旧面单不可再用", "Yes, void it: its paper must not be used";
    Ship: "交给快递", "Hand over";
    Waybills: "按运单号查找", "Find by waybill";

    ScanLabel: "扫描运单或商品", "Scan a waybill or goods";
    ScanHelp: "先扫运单，再扫商品，装完再扫一次运单。", "Scan the waybill, then the goods, then the waybill again.";
    Station: "打包台", "Bench";
    Go: "确定", "Go";
    Scanned: "已扫", "Scanned";
    DoPack: "装箱", "Pack";
    DoVerified: "齐了", "Complete";
    DoHandedOver: "已交快递", "Handed over";
    DoRefused: "停！", "Stop!";

    AddShop: "添加店铺", "Add a shop";
    PickChannel: "店铺在哪个平台？", "Where is the shop?";
    ShopId: "代号（字母、数字、- 和 _）", "Short id (letters, digits, - and _)";
    ShopIdHelp: "写在回调地址里，之后不能改", "stands in the webhook's address and stays";
    ShopName: "店铺名称", "Name of the shop";
    BaseUrl: "店铺网址", "Address of the shop";
    Mode: "做到哪一步", "How far to act";
    ModeObserve: "只看：读订单", "Observe: read orders";
    ModeShadow: "演练：安排但不取号、不回传", "Shadow: plan, take no numbers, tell nobody";
    ModeLive: "正式：发货", "Live: ship";
    ShadowLink: "看演练结果", "What it would do";
    ShadowPage: "演练结果", "What it would have done";
    ShadowHelp: "演练中不取号、不打印、不告诉任何人。转为正式时，每个未发的订单先向平台核对，仍未发货的才会重新安排并取号。",
        "In shadow no number is taken, nothing is printed and nobody is told. When the shop goes live, each open order is checked with the channel first; what is still to be shipped is then planned anew and booked.";
    ShadowNever: "这家店铺没有演练过。", "This shop was never in shadow.";
    ShadowNothing: "演练开始后还没有订单。", "No order has come since the shadow began.";
    ShadowSince: "开始于", "Since";
    ShadowOrders: "看到的订单", "Orders seen";
    ShadowShipped: "会发货的订单", "Orders that would ship";
    ShadowPackages: "会成为的包裹", "Packages they would become";
    ShadowWaiting: "会等人处理的订单", "Orders that would wait for a person";
    ShadowTell: "会告诉平台", "The channel would be told";
    ShadowCompletes: "（订单完成）", "(completes the order)";
    ShadowWaited: "当时在等：", "It waited for:";
    ShadowNoPackage: "没有包裹", "No package";
    Environment: "环境", "System";
    EnvLive: "正式", "Real";
    EnvSandbox: "沙箱（测试）", "Sandbox (test)";
    Credentials: "平台凭据", "Credentials";
    CredentialsHelp: "加密保存，之后不再显示。", "Kept encrypted; never shown again.";
    Optional: "可不填", "optional";
    Webhook: "回调地址（填到平台后台）", "Webhook's address (enter it at the platform)";
    PulledTo: "已拉取到", "Listed up to";
    ComparedAt: "上次对账", "Compared with the channel";
    Authorise: "去平台授权", "Authorise at the platform";
    AuthoriseHelp: "用店铺主账号登录平台，并在一刻钟内同意授权。", "Sign in to the platform as the shop, and agree within a quarter of an hour.";
    NoShops: "还没有店铺。", "There is no shop yet.";
    Inactive: "停用", "Off";
    Change: "更改", "Change";
    NeedsOwner: "只有店主可以添加店铺。", "Only the owner can add shops.";

    Printers: "打印机", "Printers";
    NoPrinters: "还没有打印机。在连着打印机的电脑上运行打印桥，并用配对码配对。",
        "There is no printer yet. Run the print bridge where the printer is, and pair it with a code.";
    Pair: "取配对码", "Get a pairing code";
    PairHelp: "在连着打印机的电脑上运行：", "Run this where the printer is:";
    PairOnce: "只显示这一次，十分钟内有效，只能用一次。", "Shown only now; works once, within ten minutes.";
    Bridge: "打印桥", "Bridge";
    Paper: "纸张", "Paper";
    SeenAt: "最近联系", "Last heard of";
    TurnOff: "停用", "Turn off";
    TurnOn: "启用", "Turn on";

    Import: "导入订单", "Import orders";
    ImportHelp: "任何平台后台或 ERP 导出的 CSV、XLSX 都可以。先看各列的含义，确认后才导入；同一文件导入两次不会重复。",
        "Any CSV or XLSX from a platform's back office or an ERP. You confirm what its columns hold before anything is taken in; the same file twice changes nothing.";
    NeedsOperator: "只有操作员和店主可以导入。", "Only operators and the owner can import.";
    NoImportShop: "表格里的订单归到一个“自建商城”店铺，请先添加一个。",
        "Orders of a spreadsheet belong to a shop of the kind \"own shop\": add one first.";
    File: "文件（CSV 或 XLSX）", "File (CSV or XLSX)";
    ImportLook: "查看各列", "Look at its columns";
    ImportConfirm: "确认各列的含义", "Confirm what the columns hold";
    FromGuess: "以下是按表头和内容猜的，请核对。", "This was guessed by headings and content: please check it.";
    FromBefore: "这些表头上次确认过，已照旧填好。", "These headings were confirmed before; it is filled in as it was then.";
    FromYou: "按您的选择。", "As you chose.";
    HeadingRow: "表头在第几行", "Row of the headings";
    Rows: "行数", "Rows";
    Problems: "有问题的行", "Rows with problems";
    ProblemsHelp: "有问题的行只影响它所在的订单，其余照常导入。改好后可重新导入同一文件。",
        "A row with a problem holds back its own order only. Mend it and import the same file again.";
    Row: "第几行：", "row";
    Column: "列", "Column";
    Holds: "含义", "What it holds";
    WhySo: "依据", "Why";
    Samples: "样例（已打码）", "Samples (masked)";
    NotRead: "（不导入）", "(not read)";
    ImportAgain: "按此重新查看", "Look again this way";
    ImportNow: "确认并导入", "Confirm and import";
    Preview: "前五个订单", "The first five orders";
    PreviewHelp: "姓名、电话、地址已打码。", "Names, phones and addresses are masked.";
    Imported: "已导入", "Imported";
    NewOrders: "新订单", "New";
    KnownOrders: "早已在此", "Already here";
    ImportMore: "再导入一个文件", "Import another file";

    Waves: "波次", "Waves";
    Wave: "波次", "Wave";
    WavesHelp: "等面单的包裹按种类、快递和货位合成波次：拣货单、面单和装箱的顺序相同。订单暂停、退款或取消的包裹会自动移出，其格口空着。",
        "Parcels that wait for paper are gathered by kind, carrier and place: list, labels and packing have one order. What is held, refunded or cancelled falls out, and its slot stays empty.";
    WaveBuild: "建波次", "Build waves";
    WaveLook: "预览", "Preview";
    WaveBuildNow: "按此建波次", "Build these";
    NoWaves: "还没有波次。", "There is no wave yet.";
    NoParcels: "没有等面单的包裹。", "No parcel waits for paper.";
    WaveKind: "种类", "Kind";
    CutOff: "截单时间（如 14:00，按仓库时间）", "Cut-off (14:00, by the warehouse's clock)";
    Zone: "库区", "Zone";
    Slots: "分拨墙格数", "Slots of the put-wall";
    Slot: "格口", "Slot";
    StaysEmpty: "空着", "stays empty";
    BinsEach: "每单货位数", "Bins per order";
    Numbered: "有单号", "Numbered";
    PrintedCount: "已打印", "Printed";
    VerifiedCount: "已核对", "Verified";
    AtPrinter: "打印机处", "At the printer";
    LeftOut: "已移出", "Fallen out";
    Place: "序号", "Place";
    Printer: "打印机", "Printer";
    WavePick: "开始拣货", "Start picking";
    WavePrint: "打印面单", "Print the labels";
    WaveStop: "停止", "Stop";
    WaveResume: "继续", "Resume";
    WaveClose: "结束波次", "End the wave";
    WaveCloseSure: "结束，未打印的不再打印", "End it; what was not printed is not";
    PickListPdf: "拣货单 PDF", "Pick list (PDF)";
    SlipsPdf: "装箱单 PDF", "Packing slips (PDF)";
    OnLabels: "用标签纸打印", "On label stock";
    WarehousePrinter: "仓库的打印机", "The warehouse's printer";
    PickListLabels: "打印拣货单", "Print the pick list";
    SlipsLabels: "打印装箱单", "Print the packing slips";
    TakeOut: "移出", "Take out";
    SaidWaves: "波次已建", "The waves were built";

    SaidApprove: "已审核通过", "Approved";
    SaidHold: "已拦下", "Held";
    SaidRelease: "已放行", "Released";
    SaidCancel: "已取消", "Cancelled";
    SaidBook: "正在取运单号", "A number is being taken";
    SaidPrint: "已排队打印", "Queued for printing";
    SaidVoid: "已作废", "Voided";
    SaidShip: "已交给快递", "Handed over";
    SaidCameOut: "已记下：面单出来了", "Noted: the label came out";
    SaidPrintedAgain: "已记下，重新排队打印", "Noted; it is printed again";
    SaidSettled: "已记下。", "It is written down.";
    SaidRetry: "正在再试", "Trying again";
    SaidTest: "测试消息已排队", "The test is on its way";
    SaidKept: "已保留平台的单号", "Theirs stands";
    SaidOurs: "正在改为我们的单号", "Ours is being sent";
    SaidShop: "店铺已添加", "The shop was added";
    SaidChanged: "已更改", "Changed";

    Notices: "通知", "Notices";
    NoticesHelp: "发生了什么，通知谁。新增方式用接口 notice-ways 与 webhooks。", "Who is told what happens. Ways are added by the API: notice-ways, webhooks.";
    NoWays: "还没有通知方式", "There is no way to tell anybody yet";
    NoticeBy: "经由", "By";
    NoticeTakes: "主题", "Topics";
    NoticeTest: "发测试消息", "Send a test";
    NoticesLast: "最近的消息", "The latest messages";
    NoNotices: "还没有消息", "No messages yet";
    QuietHours: "免打扰时段", "Quiet hours";
    QuietFrom: "从", "From";
    QuietTo: "到", "To";
    Save: "保存", "Save";

    Parcels: "途中", "Under way";
    Incidents: "停滞的网点", "Hubs where nothing moves";
    NoParcelTrouble: "没有要处理的包裹。", "No parcel needs a person.";
    WhatIsWrong: "问题", "What is wrong";
    NotFetched: "未揽收", "Not picked up";
    ParcelsHeld: "件受阻", "parcels held up";
    CloseIncident: "结束事故", "Close the incident";
    CloseException: "已处理", "Done with it";
    UsualHours: "95% 在此之内", "95% within";
    BuyerAsked: "已问买家", "Buyer asked";
    AskBuyer: "问买家", "Ask the buyer";
    BuyerLinkMade: "请复制给买家，只显示这一次，七天内有效：", "Copy this to the buyer; it is shown once and holds for a week:";
    ClaimDraft: "索赔草稿", "Claim draft";
    ClaimMade: "请核对后发给承运商：", "Read it, then send it to the carrier:";
    InterceptIt: "拦截退回", "Stop and bring back";
    InterceptSure: "确认拦截，只能一次", "Stop it; this can be done once";
    SaidIntercepted: "承运商已受理拦截", "The carrier stops it";
    InterceptUnclear: "拦截结果不明，请致电承运商", "It is unclear whether it is stopped; call the carrier";
    ParcelNote: "备注", "Note";
    WriteNote: "写下", "Write it down";

    JustNow: "刚刚", "just now";
    MinutesAgo: "分钟前", "min ago";
    HoursAgo: "小时前", "h ago";
    DaysAgo: "天前", "days ago";
    InMinutes: "分钟内", "min left";
    InHours: "小时内", "h left";
    InDays: "天内", "days left";
    OverdueBy: "已超时", "overdue by";
    Minutes: "分钟", "min";
    Hours: "小时", "h";
    Days: "天", "days";
}
