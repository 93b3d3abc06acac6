export interface ChatFile {
  id: string;
  url: string;
  name: string;
  type: string;
  size: number;
  width?: number;
  height?: number;
}

export interface Button {
  title: string;
  url?: string;
  data?: string;
  ask?: "location" | "email" | "phone";
}

export interface Message {
  id: string;
  client_id: string | null;
  from: "visitor" | "bot" | "member";
  name: string | null;
  kind: string;
  text: string | null;
  at: string;
  status: "received" | "sent";
  buttons: Button[];
  files: ChatFile[];
}

// What a visitor says, under a name that is the same each time it is tried.
export interface Said {
  id: string;
  text?: string;
  tap?: { message: string; data: string };
  location?: { latitude: number; longitude: number };
  answer?: { kind: "email" | "phone"; value: string };
  files?: string[];
  page: string;
}

export interface Waiting {
  said: Said;
  shown: string;
  at: string;
  failed?: string;
}

export interface Theme {
  title: string;
  color: string;
  position: "left" | "right";
  scheme: "auto" | "light" | "dark";
  greeting: string | null;
  texts: Record<string, string>;
}

export interface Started {
  token: string;
  bot: { name: string; picture: string | null };
  theme: Theme;
  limits: { text: number; file_bytes: number; files: number; types: string[] };
  messages: Message[];
  cursor: string;
}

export interface Options {
  base: string;
  channel: string;
  page: boolean;
  identity: string | null;
  color: string | null;
  position: string | null;
  scheme: string | null;
  greeting: string | null;
  texts: Record<string, string>;
  direction: string;
}
